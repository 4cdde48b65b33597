import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, it } from "mocha";
import {
  openProject,
  publishBase,
  skipWithoutEngine,
  startWatchedRegistry,
  type EngineProject,
  type WatchedRegistry,
} from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";

/** One program publishes a signed image; what deploys it takes the reference from `verifyImage`. */
const program = `
const { repository, sign, keys, deploy } = JSON.parse(require("fs").readFileSync("settings.json", "utf8"));
const one = new dhi.Customization("one", { repository, version: "3.13", suffix: "ours", labels: { team: "a" }, sign });
exports.attestations = one.attestations;
if (deploy) exports.deployed = dhi.verifyImageOutput({ ref: deploy, verify: { keys } }).ref;
`;

describe(
  "a signed image in a program",
  suiteUnless(skipWithoutEngine, () => {
    let registry: WatchedRegistry;
    let project: EngineProject;
    let settings: Readonly<Record<string, unknown>>;
    let digest = "";
    const declare = async (more: Readonly<Record<string, unknown>>): Promise<void> => {
      settings = { ...settings, ...more };
      await project.write("settings.json", JSON.stringify(settings));
    };
    before(async () => {
      registry = await startWatchedRegistry();
      await publishBase(registry.open("acme/base"), "3.13", { architectures: ["amd64", "arm64"] });
      project = await openProject(program);
      for (const name of ["old", "new"]) {
        const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
        await project.write(`${name}.key`, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
        await project.write(`${name}.pub`, publicKey.export({ type: "spki", format: "pem" }).toString());
      }
      settings = { repository: `${registry.host}/acme/base`, sign: { key: "old.key" } };
      await declare({});
    });
    after(async () => {
      await project.remove();
      await registry.stop();
    });

    it("is previewed with what will be stated about it, and up states just that", async () => {
      const preview = await project.preview();
      expect(preview.code, preview.text).to.equal(0);
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      const { attestations } = up.step("one").outputs;
      expect(attestations).to.deep.equal(preview.step("one").inputs["attestations"]);
      expect((attestations as readonly unknown[]).length).to.equal(7);
      digest = String(up.step("one").outputs["digest"]);
    });

    it("is deployed while keys are rotated: the old one, both, the new one", async () => {
      const deploy = `${registry.host}/acme/base@${digest}`;
      const rounds = [
        { sign: { key: "old.key" }, keys: ["old.pub"] },
        { sign: { key: "new.key" }, keys: ["old.pub", "new.pub"] },
        { sign: { key: "new.key" }, keys: ["new.pub"] },
      ];
      for (const round of rounds) {
        await declare({ ...round, deploy });
        const up = await project.up();
        expect(up.code, up.text).to.equal(0);
      }
      await declare({ keys: ["old.pub"] });
      const refused = await project.preview();
      expect(refused.code).to.not.equal(0);
      expect(refused.text).to.match(/is not signed as|signed by another key/);
      await declare({ keys: ["new.pub"] });
    });

    it("loses a signature, which refresh sees and up mends", async () => {
      const tag = `sha256-${digest.slice("sha256:".length)}.sig`;
      await declare({ deploy: undefined });
      await registry.open("acme/base").deleteTag(tag);
      const refresh = await project.refresh();
      expect(refresh.code, refresh.text).to.equal(0);
      const up = await project.up();
      expect(up.ops).to.deep.equal({ one: "update" });
      expect(await registry.digestOf("acme/base", tag)).to.not.equal(undefined);
      const again = await project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
    });
  }),
);
