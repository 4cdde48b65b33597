import type { Digest } from "../image/digest.js";
import { isDigest } from "../image/digest.js";
import { childrenOf, type LayoutIndex } from "./layout-index.js";
import type { Layout } from "./layout.js";
import { MANIFEST_LIMIT } from "./manifests.js";

/** Blobs younger than this, in milliseconds, may be about to be named by a manifest. */
const YOUNG = 10 * 60_000;

/** Removes the blobs that nothing in the index reaches, apart from young ones. To be called under the layout's lock. */
export async function collectGarbage(layout: Layout, index: LayoutIndex, now: number): Promise<void> {
  const reached = await reach(layout, index);
  for (const name of await layout.listBlobs()) {
    const digest = `sha256:${name}`;
    if (!isDigest(digest) || reached.has(digest)) continue;
    const found = await layout.statBlob(digest);
    if (found !== undefined && now - found.modified > YOUNG) await layout.removeBlob(digest);
  }
}

async function reach(layout: Layout, index: LayoutIndex): Promise<ReadonlySet<Digest>> {
  const reached = new Set<Digest>();
  const open = index.entries.map(({ digest }) => digest);
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    const size = (await layout.statBlob(digest))?.size ?? 0;
    const bytes = size > 0 && size <= MANIFEST_LIMIT ? await layout.readWhole(digest) : undefined;
    for (const child of bytes === undefined ? [] : childrenOf(bytes)) {
      if (child.manifest) open.push(child.digest);
      else reached.add(child.digest);
    }
  }
  return reached;
}
