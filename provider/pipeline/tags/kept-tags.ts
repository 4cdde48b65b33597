import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository } from "../../image/reference.js";
import type { ResourceLog, Session } from "../session.js";
import { readManifest } from "../sources/source-image.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { HistoryRecord } from "../state/history.js";
import { deleteOwnTag } from "./deletion.js";
import { pointsAtOwn } from "./own-digests.js";

/**
 * Tags the images of a history that have not their tag yet. An image that is no longer there is left out. The image itself is published by
 * its declared tags, so what is refused here is a warning.
 */
export async function putKeptTags(session: Session, spec: ImageSpec, history: readonly HistoryRecord[], log: ResourceLog): Promise<void> {
  for (const { tag, digest } of history) {
    if (tag === undefined || isDeclared(spec, tag)) continue;
    try {
      await putKeptTag(session, spec, tag, digest, log);
    } catch (thrown) {
      warn(thrown, `the tag ${tag}, which keeps ${digest} reachable, could not be put in ${formatRepository(spec.destination)}`, log);
    }
  }
}

async function putKeptTag(session: Session, { destination }: ImageSpec, tag: string, digest: Digest, log: ResourceLog): Promise<void> {
  const repository = session.repositories.open(destination);
  const head = await repository.headManifest(tag);
  if (head?.digest === digest) return;
  if (head !== undefined && !pointsAtOwn(destination, tag, head.digest, [digest])) {
    log.line(
      "warning",
      `the tag ${tag} in ${formatRepository(destination)} is left as it is: it points at ${head.digest}, which is not ours`,
    );
    return;
  }
  const stored = await readManifest(session, destination, digest);
  if (stored !== undefined) await repository.putManifest(tag, stored);
}

/**
 * Removes the tags of what is no longer kept, while they point at the digest that state has for them. Returns those that could not be
 * removed now, for the next update; a login that may push need not be one that may delete.
 */
export async function removeKeptTags(
  session: Session,
  spec: ImageSpec,
  before: readonly HistoryRecord[],
  kept: readonly HistoryRecord[],
  log: ResourceLog,
): Promise<readonly HistoryRecord[]> {
  const left: HistoryRecord[] = [];
  for (const record of before) {
    const { tag, digest } = record;
    if (tag === undefined || isDeclared(spec, tag) || kept.some((one) => one.tag === tag)) continue;
    try {
      await deleteOwnTag(session, spec.destination, tag, digest, log);
    } catch (thrown) {
      warn(thrown, `the tag ${tag} could not be removed from ${formatRepository(spec.destination)}`, log);
      left.push(record);
    }
  }
  return left;
}

/** A tag that the inputs name as well comes and goes with these. */
function isDeclared(spec: ImageSpec, tag: string): boolean {
  return spec.tags.some((declared) => declared.tag === tag);
}

function warn(thrown: unknown, what: string, log: ResourceLog): void {
  if (!(thrown instanceof DhiError) || thrown.code === "cancelled") throw thrown;
  log.line("warning", `${what}, and the next update tries again: ${thrown.describe()}`);
}

/** What is kept, and with it what is left of a removal. */
export function withLeftTags(kept: readonly HistoryRecord[], left: readonly HistoryRecord[]): readonly HistoryRecord[] {
  const others = left.filter(({ digest }) => !kept.some((record) => record.digest === digest));
  return [...kept.map((record) => ({ ...record, tag: record.tag ?? left.find(({ digest }) => digest === record.digest)?.tag })), ...others];
}
