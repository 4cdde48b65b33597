import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "mocha";
import type { Value, ValueMap } from "../../../provider/values.js";
import { baseParts, Workshop, type State } from "../../pipeline/workshop.js";
import { expect, expectThat } from "../../support/expectations.js";
import { runProgram } from "../../support/images/programs.js";
import { startDockerRegistry } from "../../support/registries/index.js";
import { findProgram } from "../../support/registries/process.js";
import { cleanup } from "../../support/running-test.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { suiteUnless, testUnless } from "../../support/skips.js";

const missing = findProgram("docker-registry") === undefined && "docker-registry is not installed";
const cosigns = { 2: process.env["DHI_COSIGN2"], 3: process.env["DHI_COSIGN3"] };

async function writeKey(shop: Workshop, name: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await shop.write(`${name}.key`, privateKey.export({ type: "pkcs8", format: "pem" }).toString(), 0o600);
  await shop.write(`${name}.pub`, publicKey.export({ type: "spki", format: "pem" }).toString());
}

async function open(): Promise<{ readonly shop: Workshop; readonly host: string }> {
  const shop = await Workshop.open();
  cleanup(() => shop.remove());
  for (const name of ["one", "two"]) await writeKey(shop, name);
  const registry = await startDockerRegistry();
  cleanup(registry.stop);
  await shop.put(`${registry.host}/base`, "1", baseParts("one"));
  return { shop, host: registry.host };
}

const inputsOf = (host: string, more: ValueMap = {}): ValueMap => ({
  repository: `${host}/base`,
  version: "1",
  suffix: "ours",
  destination: `${host}/app`,
  scripts: [{ path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }],
  sign: { key: "one.key" },
  ...more,
});

const textOf = (value: Value | undefined): string => (typeof value === "string" ? value : "");

const typesOf = ({ outputs }: State): readonly string[] => {
  const list = outputs["attestations"] as readonly { readonly type: string; readonly platform?: string }[];
  return list.map(({ type, platform = "index" }) => `${platform} ${type}`);
};

const tagsOf = async (shop: Workshop, repository: string): Promise<readonly string[]> => {
  const [host = "", name = ""] = repository.split("/");
  return (await shop.session().repositories.open({ kind: "registry", host, name }).listTags()).filter((tag) => tag.startsWith("sha256-"));
};

describe(
  "a signed image",
  suiteUnless(missing, () => {
    it("has the digest of an unsigned one, states what is in it, and is not signed again while nothing changes", async () => {
      const { shop, host } = await open();
      const unsigned = await shop.up("customization", { ...inputsOf(host), sign: undefined as never, destination: `${host}/plain` });
      const signed = await shop.up("customization", inputsOf(host));
      expect(signed.outputs["digest"]).to.equal(unsigned.outputs["digest"]);
      const perPlatform = ["https://spdx.dev/Document", "https://cyclonedx.org/bom", "https://slsa.dev/provenance/v1"];
      expect(typesOf(signed)).to.deep.equal([
        ...["linux/amd64", "linux/arm64"].flatMap((platform) => perPlatform.map((type) => `${platform} ${type}`)),
        "index https://slsa.dev/provenance/v1",
      ]);
      shop.loseCache();
      expect((await shop.up("customization", inputsOf(host), signed)).did).to.equal("same");
      // Elsewhere, with an empty cache: the same bytes.
      const again = await shop.up("customization", inputsOf(host, { additionalTags: ["more"] }), signed);
      expect(again.outputs["attestations"]).to.not.equal(undefined);
      const elsewhere = await shop.up("customization", inputsOf(host));
      expect(elsewhere.outputs["attestations"]).to.deep.equal(signed.outputs["attestations"]);
    });

    for (const [major, cosign] of Object.entries(cosigns)) {
      it(
        `is verified by cosign ${major}, with its attestations`,
        testUnless(cosign === undefined && `cosign ${major} is not here`, async () => {
          expectThat(cosign);
          const { shop, host } = await open();
          const { outputs } = await shop.up("customization", inputsOf(host));
          const platforms = outputs["platformDigests"] as Readonly<Record<string, string>>;
          const options = ["--key", `${shop.folder}/one.pub`, "--insecure-ignore-tlog=true", "--allow-http-registry"];
          const env = { ...process.env, HOME: shop.folder };
          for (const digest of [textOf(outputs["digest"]), ...Object.values(platforms)]) {
            await runProgram(cosign, ["verify", ...options, `${host}/app@${digest}`], { env });
            await runProgram(cosign, ["verify-attestation", ...options, "--type", "slsaprovenance1", `${host}/app@${digest}`], { env });
          }
          const other = runProgram(cosign, ["verify", ...options.with(1, `${shop.folder}/two.pub`), textOf(outputs["ref"])], { env });
          await expect(other).to.be.rejectedWithError(/./);
        }),
      );
    }

    it("is signed again when another key is declared, or when refresh finds that a signature is gone", async () => {
      const { shop, host } = await open();
      const first = await shop.up("customization", inputsOf(host));
      const before = await tagsOf(shop, `${host}/app`);
      expect(before.some((tag) => tag.endsWith(".sig"))).to.equal(true);
      const rotated = await shop.up("customization", inputsOf(host, { sign: { key: "two.key" } }), first);
      expect([rotated.did, rotated.outputs["digest"]]).to.deep.equal(["update", first.outputs["digest"]]);
      const repository = shop.session().repositories.open({ kind: "registry", host, name: "app" });
      const digest = textOf(rotated.outputs["digest"]).slice(7);
      await repository.deleteTag(`sha256-${digest}.sig`);
      const read = await lifecycles.customization.read(shop.session(), rotated.id, rotated.outputs);
      expectThat(read?.inputs);
      expect(read.outputs["drift"]).to.deep.equal({ [`attestations of sha256:${digest}`]: "missing" });
      shop.loseCache();
      const drifted = { ...rotated, inputs: read.inputs, outputs: read.outputs };
      const mended = await shop.up("customization", inputsOf(host, { sign: { key: "two.key" } }), drifted);
      expect(mended.did).to.equal("update");
      expect(mended.outputs).not.to.have.property("drift");
      expect(await tagsOf(shop, `${host}/app`)).to.include(`sha256-${digest}.sig`);
    });

    it("leaves nothing attached when it is destroyed, but for what another tag needs", async () => {
      const { shop, host } = await open();
      const state = await shop.up("customization", inputsOf(host, { keepPrevious: 1 }));
      const repository = shop.session().repositories.open({ kind: "registry", host, name: "app" });
      const image = await repository.getManifest(textOf(state.outputs["digest"]));
      expectThat(image);
      await repository.putManifest("someone-else", image);
      await lifecycles.customization.delete(shop.session(), state.id, state.outputs, keepRow());
      expect((await tagsOf(shop, `${host}/app`)).length).to.be.greaterThan(0);
      const second = await shop.up("customization", inputsOf(host, { keepPrevious: 1 }));
      await repository.deleteTag("someone-else");
      await lifecycles.customization.delete(shop.session(), second.id, second.outputs, keepRow());
      const left = (await tagsOf(shop, `${host}/app`)).filter((tag) => /\.(?:sig|att)$/.test(tag));
      expect(left).to.deep.equal([]);
    });

    it("loses what was attached when it is no longer signed, and keeps that of earlier images", async () => {
      const { shop, host } = await open();
      const first = await shop.up("customization", inputsOf(host));
      const second = await shop.up("customization", inputsOf(host, { labels: { two: "2" } }), first);
      const both = (await tagsOf(shop, `${host}/app`)).filter((tag) => tag.endsWith(".sig"));
      const { sign: _, ...unsigned } = inputsOf(host, { labels: { two: "2" } });
      const third = await shop.up("customization", unsigned, second);
      expect([third.did, third.outputs["digest"], third.outputs["attestations"]]).to.deep.equal(["update", second.outputs["digest"], []]);
      const left = (await tagsOf(shop, `${host}/app`)).filter((tag) => tag.endsWith(".sig"));
      expect([both.length, left.length]).to.deep.equal([6, 3]);
      expect(left).to.include(`sha256-${textOf(first.outputs["digest"]).slice(7)}.sig`);
    });

    it("is refused in check where its key cannot be read, and nothing is pushed", async () => {
      const { shop, host } = await open();
      const row = keepRow();
      const request = { urn: undefined, olds: {}, news: inputsOf(host, { sign: { key: "none.key" } }), secrets: [] };
      const { failures } = await lifecycles.customization.check(shop.session(), request, row);
      expect(failures.map(({ reason }) => reason).join()).to.match(/^sign\.key: .*none\.key/);
      expect(await tagsOf(shop, `${host}/app`)).to.deep.equal([]);
    });
  }),
);
