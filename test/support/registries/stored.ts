// What a registry's own files say, whatever it answers.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "../../../provider/image/digest.js";
import { expect } from "../expectations.js";
import type { StartedRegistry } from "./docker-registry.js";

/** The digest that a tag has in the registry's own storage. */
export async function storedTag({ storage }: StartedRegistry, repository: string, tag: string): Promise<string | undefined> {
  const link = join(storage, "docker/registry/v2/repositories", repository, "_manifests/tags", tag, "current/link");
  return await readFile(link, "utf8").catch(() => undefined);
}

/** Fails unless everything that a manifest needs is in the repository, byte for byte, in the registry's own storage. */
export async function assertWhole(registry: StartedRegistry, repository: string, digest: string): Promise<void> {
  const manifest = JSON.parse((await storedBlob(registry, digest)).toString("utf8")) as {
    readonly manifests?: readonly { readonly digest: string }[];
    readonly config?: { readonly digest: string };
    readonly layers?: readonly { readonly digest: string }[];
  };
  for (const child of manifest.manifests ?? []) await assertWhole(registry, repository, child.digest);
  for (const blob of [...(manifest.config === undefined ? [] : [manifest.config]), ...(manifest.layers ?? [])]) {
    await storedBlob(registry, blob.digest);
    const link = join(registry.storage, "docker/registry/v2/repositories", repository, "_layers/sha256", blob.digest.slice(7), "link");
    expect(await readFile(link, "utf8")).to.equal(blob.digest);
  }
}

async function storedBlob({ storage }: StartedRegistry, digest: string): Promise<Buffer> {
  const hex = digest.slice(7);
  const bytes = await readFile(join(storage, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data"));
  expect(digestOf(bytes)).to.equal(digest);
  return bytes;
}
