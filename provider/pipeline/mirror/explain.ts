import { shortDigest, type Digest } from "../../image/digest.js";
import { ownValue } from "../../values.js";
import { referrersIn, type Attached } from "./find-attached.js";
import type { OldMirror } from "./old-mirror.js";

/** Which tags move, from what to what, in words. */
export function explainMirror(
  old: OldMirror | undefined,
  images: Readonly<Record<string, Digest>>,
  attached: Attached,
  heads: ReadonlyMap<string, Digest>,
): readonly string[] {
  const moves = Object.entries(images).flatMap(([tag, digest]) => {
    const head = heads.get(tag);
    if (head === digest) return [];
    if (head !== undefined) return [`${tag}: ${shortDigest(head)} → ${shortDigest(digest)}`];
    return old?.known(tag).includes(digest) === true
      ? [`${tag}: ${shortDigest(digest)} is missing at the destination`]
      : [`${tag}: ${shortDigest(digest)} is new`];
  });
  const left = Object.keys(old?.images ?? {}).filter((tag) => !Object.hasOwn(images, tag));
  return [
    ...moves,
    ...left.map((tag) => `${tag}: no longer mirrored, and stays as it is`),
    ...explainAttached(old?.attached ?? {}, attached),
  ];
}

function explainAttached(before: Attached, after: Attached): readonly string[] {
  const fresh = Object.entries(after).filter(([name, digest]) => ownValue(before, name) !== digest);
  const referrers = referrersIn(Object.fromEntries(fresh)).length;
  const tags = fresh.length - referrers;
  return [
    ...(referrers === 0 ? [] : [`${String(referrers)} new ${referrers === 1 ? "referrer" : "referrers"}`]),
    ...(tags === 0 ? [] : [`${String(tags)} new or moved ${tags === 1 ? "tag" : "tags"} of cosign`]),
  ];
}
