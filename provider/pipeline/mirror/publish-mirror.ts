import { Memo } from "../../async/memo.js";
import { mapParallel } from "../../async/parallel.js";
import { asError, blame, DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository } from "../../image/reference.js";
import { formatSize } from "../../text/format-size.js";
import { omit, type ValueMap } from "../../values.js";
import { PartialFailure } from "../partial-failure.js";
import type { Transfer } from "../publish/put-blob.js";
import type { ResourceLog, Session } from "../session.js";
import { recordPublishing } from "../tags/published-record.js";
import { tagKey } from "../tags/tag-key.js";
import { copyCosignTags, copyReferrers } from "./copy-attached.js";
import { copyImage, type Copying } from "./copy-image.js";
import type { Attached } from "./find-attached.js";
import type { FoundImage } from "./select.js";
import type { MirrorSpec } from "./mirror-spec.js";
import { parseOldMirror } from "./old-mirror.js";
import { mirrorTransients } from "./output-names.js";
import { foreignTags, headTags, ownershipOf } from "./tag-states.js";

const jobs = 2;

export interface MirrorRequest {
  readonly spec: MirrorSpec;
  /** As check has promised them. */
  readonly images: readonly FoundImage[];
  readonly attached: Attached;
  /** The checked inputs, which become the outputs. */
  readonly checked: ValueMap;
}

/** Copies what is missing, by digest, and moves the tags last. `olds`: the outputs before, of an update. Returns the outputs. */
export async function publishMirror(
  session: Session,
  id: string,
  { spec, images, attached, checked }: MirrorRequest,
  olds: ValueMap | undefined,
  log: ResourceLog,
): Promise<ValueMap> {
  const started = Date.now();
  const old = parseOldMirror(olds);
  const isOurs = ownershipOf(session, id, old?.known, parseOldMirror(checked)?.known);
  const names = images.map(({ tag }) => tag);
  const heads = await headTags(session, spec, names);
  const [foreign] = await foreignTags(spec, images, heads, isOurs);
  if (foreign !== undefined) throw foreign;
  const transfer: Transfer = { uploadedBytes: 0, uploaded: 0, mounted: 0, present: 0 };
  const copying: Copying = { session, destination: spec.destination, transfer, done: new Memo(), blobs: new Memo(), log };
  const moving = images.filter(({ tag, digest }) => heads.get(tag) !== digest);
  await mapParallel(moving, jobs, ({ digest, property }) => blame({ property }, () => copyImage(copying, [spec.source], digest)));
  await copyReferrers(copying, spec, attached);
  await copyCosignTags(copying, spec, attached, isOurs);
  const outputs = omit(checked, mirrorTransients);
  const now = await ownTags(heads, isOurs);
  let moved = 0;
  try {
    for (const { tag, digest, property } of images) {
      if (heads.get(tag) !== digest) {
        await blame({ origin: "destination", property }, () => moveTag(copying, id, spec, tag, digest));
        moved += 1;
      }
      now.set(tag, digest);
    }
  } catch (thrown) {
    if (moved === 0) throw thrown;
    const reason = thrown instanceof DhiError ? thrown.describe() : asError(thrown).message;
    const done = `${String(moved)} of ${String(moving.length)} tags were moved; the next update goes on with the others`;
    throw new PartialFailure(id, { ...outputs, images: Object.fromEntries(now) }, [`${reason}. ${done}`], thrown);
  }
  log.line("info", summarize(spec, transfer, moved, Date.now() - started));
  return outputs;
}

/** What is there, as far as it is ours: what was to be replaced belongs to somebody else until it is. */
async function ownTags(
  heads: ReadonlyMap<string, Digest>,
  isOurs: (tag: string, digest: Digest) => Promise<boolean>,
): Promise<Map<string, Digest>> {
  const now = new Map<string, Digest>();
  for (const [tag, digest] of heads) if (await isOurs(tag, digest)) now.set(tag, digest);
  return now;
}

async function moveTag(copying: Copying, id: string, { source, destination }: MirrorSpec, tag: string, digest: Digest): Promise<void> {
  const { session } = copying;
  const stored = await copyImage(copying, [source], digest);
  await recordPublishing(session, id, digest);
  await session.repositories.open(destination).putManifest(tag, stored);
  session.memory.tags.set(tagKey(session, destination, tag), Promise.resolve(digest));
}

function summarize({ destination }: MirrorSpec, transfer: Transfer, moved: number, milliseconds: number): string {
  const { uploaded, uploadedBytes, mounted, present } = transfer;
  const tags = moved === 0 ? "no tag moved" : `${String(moved)} ${moved === 1 ? "tag" : "tags"} moved`;
  const blobs = `${formatSize(uploadedBytes)} in ${String(uploaded)} blobs uploaded, ${String(mounted)} mounted, ${String(present)} already present`;
  return `${formatRepository(destination)}: ${blobs}; ${tags}, ${(milliseconds / 1000).toFixed(1)} s`;
}
