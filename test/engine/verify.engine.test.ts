import { after, before, describe, it } from "mocha";
import { makeSigner } from "../support/attestations/signer.js";
import { asDigest, signUnderTag } from "../support/attestations/attach.js";
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

const [own, other] = [makeSigner(), makeSigner()];

describe(
  "a stack that wants signed bases",
  suiteUnless(skipWithoutEngine, () => {
    let registry: WatchedRegistry;
    let project: EngineProject;
    let base: string;
    let program: string;
    before(async () => {
      registry = await startWatchedRegistry();
      await publishBase(registry.open("acme/base"), "3.13");
      base = `${registry.host}/acme/base`;
      program = `new dhi.Customization("made", { repository: "${base}", version: "3.13", suffix: "s", cmd: ["x"] });`;
      project = await openProject(program);
      await project.write("own.pub", own.pem);
      await project.config({ "dhi:verify": '{"keys":["own.pub"]}' });
    });
    after(async () => {
      await project.remove();
      await registry.stop();
    });
    const digestOf = async (): Promise<string> => (await registry.digestOf("acme/base", "3.13")) ?? "";

    it("fails the check of one that is signed by another key, and reads nothing of its content", async () => {
      const digest = asDigest(await digestOf());
      await signUnderTag(registry.open("acme/base"), other, digest);
      registry.seen();
      const preview = await project.preview();
      expect(preview.code).to.not.equal(0);
      expect(preview.text).to.match(
        /version: the base .*\/acme\/base:3\.13@sha256:[0-9a-f]{64} is not signed as dhi:verify wants, a signature by key sha256:/,
      );
      expect(preview.text).to.match(/it is signed by another key, or was changed after it was signed/);
      const seen = registry.seen().filter((request) => request.includes("/acme/base/"));
      // The payload of the signature is the one blob; of manifests, what is signed and what signs.
      expect(seen.filter((request) => request.includes("/blobs/"))).to.have.length(1);
      const manifests = seen.filter((request) => request.includes("/manifests/sha256:"));
      expect(manifests.filter((request) => !request.endsWith(digest))).to.deep.equal([]);
      expect(seen.filter((request) => !/^(?:GET|HEAD) /.test(request))).to.deep.equal([]);
    });

    it("builds on one that is signed, says so on the command line, and to a program that deploys", async () => {
      await signUnderTag(registry.open("acme/base"), own, asDigest(await digestOf()));
      await project.program(`
        ${program}
        exports.verified = dhi.verifyImageOutput({ ref: "${base}:3.13", verify: { keys: [pulumi.output("own.pub")] } });
        exports.refused = dhi.verifyImage({ ref: "${base}:3.13", verify: { keys: ["dhi"] } }).catch((error) => error.message);
      `);
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
      const ref = `${base}@${await digestOf()}`;
      const signed = await project.command(["verify", `${base}:3.13`, "--key", "own.pub"]);
      expect(signed, signed.stderr).to.have.property("code", 0);
      expect(signed.stdout).to.match(/^[^ ]+@sha256:[0-9a-f]{64} is signed by key sha256:[0-9a-f]{12}\n$/);
      const refused = await project.command(["verify", ref, "--key", "dhi", "--json"]);
      expect(refused.code).to.equal(2);
      expect(JSON.parse(refused.stdout)).to.have.property("ref", ref);
      expect((await project.command(["verify", ref])).code).to.equal(1);
      const { outputs } = project.state();
      expect((outputs["verified"] as { ref: string }).ref).to.equal(ref);
      expect(String(outputs["refused"])).to.match(
        /^verifyImage: ref: .* is not signed as verify wants, a signature by dhi \(key sha256:118ba556dd52\)/,
      );
    });
  }),
);
