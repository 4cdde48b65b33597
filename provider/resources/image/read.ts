import { DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import { formatReference, formatRepository, parseReference, type Reference, type Repository } from "../../image/reference.js";
import { describeAttached, parseAttached, withoutSubjects, type Attached } from "../../pipeline/attest/attached.js";
import { describeLost } from "../../pipeline/attest/lost-drift.js";
import type { ReadResult } from "../lifecycle.js";
import type { Session } from "../../pipeline/session.js";
import { omit, type Value, type ValueMap } from "../../values.js";
import { BASE_DIGEST_ANNOTATION, BASE_NAME_ANNOTATION } from "../../pipeline/annotations.js";
import type { ProgramOutput } from "../../pipeline/state/output-names.js";
import { publishedTags } from "../../pipeline/state/published-tags.js";
import { storedIdentity } from "../../pipeline/state/stored-identity.js";
import { openImage } from "../../pipeline/sources/source-image.js";
import type { ImageKind } from "../../pipeline/spec/image-spec.js";

/** Reads the current tags from the registry. Digest and resolution are kept from state. */
export async function readImage(session: Session, kind: ImageKind, id: string, outputs: ValueMap): Promise<ReadResult | undefined> {
  const identity = storedIdentity(kind, outputs);
  const { digest } = outputs;
  if (identity === undefined || !isDigest(digest)) return { outputs: await readPublished(session, id), inputs: undefined };
  const repository = session.repositories.open(identity.destination);
  const names = [...new Set([...identity.tags, ...publishedTags(outputs)])];
  const heads = await Promise.all(names.map(async (tag) => [tag, (await repository.headManifest(tag))?.digest] as const));
  const tags = Object.fromEntries(heads.flatMap(([tag, found]) => (found === undefined ? [] : [[tag, found]])));
  if (Object.keys(tags).length === 0 && (await repository.headManifest(digest)) === undefined) return undefined;
  const attached = parseAttached(outputs["__attached"]);
  const lost = await findLost(session, identity.destination, attached);
  const observed = {
    ...omit(outputs, new Set(["__attached"])),
    ...describeAttached(withoutSubjects(attached, new Set(lost))),
    tags,
    ...describeLost(lost),
  };
  return { outputs: observed, inputs: observed };
}

async function findLost(session: Session, destination: Repository, attached: Attached): Promise<readonly Digest[]> {
  if (Object.keys(attached).length === 0) return [];
  const { findLostAttestations } = await import("../../pipeline/attest/find-lost.js");
  return findLostAttestations(session, destination, attached);
}

/** Reads an image of another program by its id, `repository:tag`. Throws `DhiError` "not-found". */
async function readPublished(
  session: Session,
  id: string,
): Promise<Readonly<Record<Exclude<ProgramOutput, "resolution">, Value>> & ValueMap> {
  const reference = parseReference(id);
  const { repository, tag } = reference;
  const head = tag === undefined ? undefined : await session.repositories.open(repository).headManifest(tag);
  if (head === undefined || tag === undefined) {
    throw new DhiError("not-found", `${id} does not exist`, { hint: "An id is the repository:tag of a published image" });
  }
  const { platformDigests, base } = await describeStored(session, repository, head.digest);
  return {
    digest: head.digest,
    ref: formatReference({ repository, digest: head.digest }),
    tags: { [tag]: head.digest },
    platformDigests,
    attestations: [],
    notices: [],
    reasons: [],
    asBase: { repository: formatRepository(repository), version: `${tag}@${head.digest}` },
    ...(base === undefined ? {} : { base }),
  };
}

/** What an image in a repository says of itself. Throws `DhiError` "not-found". */
export async function describeStored(
  session: Session,
  repository: Repository,
  digest: Digest,
): Promise<{ readonly platformDigests: ValueMap; readonly base?: ValueMap }> {
  const image = await openImage(session, repository, digest, "destination");
  const platforms = await Promise.all([...image.platforms].map(async ([name, open]) => [name, (await open()).descriptor.digest] as const));
  const base = readBase(image.annotations);
  return { platformDigests: Object.fromEntries(platforms), ...(base === undefined ? {} : { base }) };
}

/** The base according to the image's annotations, for display only. Invalid names are dropped. */
function readBase(annotations: Readonly<Record<string, string>>): ValueMap | undefined {
  const digest = annotations[BASE_DIGEST_ANNOTATION];
  const named = parseName(annotations[BASE_NAME_ANNOTATION]);
  if (named === undefined || !isDigest(digest)) return undefined;
  const { repository, tag } = named;
  return { ref: formatReference({ repository, digest }), digest, tag: tag ?? "" };
}

function parseName(name: string | undefined): Reference | undefined {
  try {
    return name === undefined ? undefined : parseReference(name);
  } catch (thrown) {
    if (thrown instanceof DhiError) return undefined;
    throw thrown;
  }
}
