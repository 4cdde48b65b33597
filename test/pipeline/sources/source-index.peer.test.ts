import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { it } from "mocha";
import { OCI_INDEX } from "../../../provider/image/media-types.js";
import type { StoredManifest } from "../../../provider/registry/repository.js";
import { openImage } from "../../../provider/pipeline/sources/source-image.js";
import { expect } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { findProgram, startDockerRegistry } from "../../support/registries/index.js";
import { storedManifest } from "../../support/registries/images.js";
import { cleanup } from "../../support/running-test.js";
import { makeWorkplace, openSession } from "../../support/session/session.js";
import { testUnless } from "../../support/skips.js";

const run = promisify(execFile);
const crane = findProgram("crane");
const docker = findProgram("docker-registry");
const skip = crane === undefined ? "crane is missing" : docker === undefined ? "docker-registry is missing" : false;

const imageOf = (platform: string, says: string) =>
  makeImage({ single: true, platforms: [{ platform, layers: [{ tar: layerTar([file("is", says)]) }] }] });
const entry = ({ mediaType, digest, bytes }: StoredManifest, architecture: string) => ({
  mediaType,
  digest,
  size: bytes.length,
  platform: { os: "linux", architecture },
});
const indexOf = (...manifests: readonly object[]) => storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, OCI_INDEX);

async function compare(wanted: string): Promise<void> {
  const registry = await startDockerRegistry();
  cleanup(() => registry.stop());
  const place = await makeWorkplace();
  cleanup(() => place.remove());
  const session = openSession({ ...place, registries: { [registry.host]: { plainHttp: true } } });
  const repository = { kind: "registry", host: registry.host, name: "acme/n" } as const;
  const target = session.repositories.open(repository);
  const [first, second, arm] = [imageOf("linux/amd64", "1"), imageOf("linux/amd64", "2"), imageOf("linux/arm64", "3")];
  for (const image of [first, second, arm]) await putImage(target, image);
  const twice = indexOf(entry(arm.top, "arm64"), entry(first.top, "amd64"), entry(second.top, "amd64"));
  const nested = indexOf(entry(twice, "amd64"), entry(second.top, "amd64"));
  for (const [tag, index] of [["twice", twice] as const, ["nested", nested] as const]) {
    await target.putManifest(index.digest, index);
    await target.putManifest(tag, index);
  }
  const index = wanted === "twice" ? twice : nested;
  const { stdout } = await run(crane ?? "", ["config", "--insecure", "--platform", "linux/amd64", `${registry.host}/acme/n:${wanted}`], {
    encoding: "buffer",
  });
  const ours = await (await openImage(session, repository, index.digest, "base")).platforms.get("linux/amd64")?.();
  expect(JSON.parse(stdout.toString())).to.deep.equal(JSON.parse((first.blobs.at(-1)?.bytes ?? "").toString()));
  expect(ours?.descriptor.digest).to.equal(first.top.digest);
}

it(
  "crane selects the same image from an index that lists a platform twice",
  testUnless(skip, () => compare("twice")),
);
it(
  "crane selects the same image from a nested index",
  testUnless(skip, () => compare("nested")),
);
