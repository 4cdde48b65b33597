import { parseReference } from "../../../provider/image/reference.js";
import { openImage } from "../../../provider/pipeline/sources/source-image.js";
import { readTree } from "../../../provider/pipeline/sources/source-layers.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { listTree, type Listing } from "../images/disk-tree.js";
import { keepRow } from "./session.js";

/** The tree that the code under test builds from an image's layers. `ref`: by digest. */
export async function flattened(session: Session, ref: string, platform = "linux/amd64"): Promise<Listing> {
  const { repository, digest } = parseReference(ref);
  if (digest === undefined) throw new Error(`${ref} has no digest`);
  const image = await openImage(session, repository, digest, "base");
  const open = image.platforms.get(platform);
  if (open === undefined) throw new Error(`${ref} has no ${platform}`);
  return listTree((await readTree(session, await open(), false, keepRow())).tree);
}

/** Without what buildah does not preserve: its containers' root has its own attributes, and no file has a time before 1970. */
export function asBuildahHas(listing: Listing): Listing {
  const clamped = Object.entries(listing).map(([path, facts]) => [path, facts.replace(/ -[0-9]+ /, " 0 ")] as const);
  return Object.fromEntries(clamped.filter(([path]) => path !== ""));
}
