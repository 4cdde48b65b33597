import { mapParallel } from "../../async/parallel.js";
import { blame } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { parseIndex } from "../../image/manifest.js";
import { isIndexType } from "../../image/media-types.js";
import { isTag, type Repository } from "../../image/reference.js";
import type { ResourceLog, Session } from "../session.js";
import { readManifest } from "../sources/source-image.js";
import { detachAttestations } from "./attach.js";
import type { Attached } from "./attached.js";
import { isAttachedTag } from "../mirror/attached-tags.js";

const jobs = 8;
/** With more tags it is not worth asking what each of them points at: what is attached stays. */
const MAX_TAGS = 200;

/** Images of one repository whose attestations are to go. */
export interface Leaving {
  readonly destination: Repository;
  /** Digests of the images that stay. */
  readonly stay: readonly Digest[];
  /** Tags that go with these images. Those of others keep the attestations, since somebody else may deploy by them. */
  readonly tags: ReadonlySet<string>;
  readonly attached: Attached;
}

/**
 * Removes what we attached to images that go, before their tags do: a layout keeps what a referrer refers to. What another tag of the
 * repository needs stays. Returns what is still attached.
 */
export async function detachImages(session: Session, { destination, stay, tags, attached }: Leaving, log: ResourceLog): Promise<Attached> {
  const alive = new Set(await membersOf(session, destination, stay));
  const leaving = (Object.keys(attached) as Digest[]).filter((subject) => !alive.has(subject));
  if (leaving.length === 0) return attached;
  const others = await blame({ origin: "destination" }, () => otherImages(session, destination, tags));
  if (others === undefined) {
    log.line(
      "info",
      `attestations of ${String(leaving.length)} images and manifests stay: the repository has more than ${String(MAX_TAGS)} tags that may need them`,
    );
    return attached;
  }
  const needed = new Set(await membersOf(session, destination, others));
  return detachAttestations(session, destination, new Set(leaving.filter((subject) => !needed.has(subject))), attached, log);
}

/** What other tags point at; undefined where there are too many. */
async function otherImages(session: Session, destination: Repository, tags: ReadonlySet<string>): Promise<readonly Digest[] | undefined> {
  const repository = session.repositories.open(destination);
  const others = (await repository.listTags()).filter((tag) => isTag(tag) && !isAttachedTag(tag) && !tags.has(tag));
  if (others.length > MAX_TAGS) return undefined;
  const heads = await mapParallel(others, jobs, async (tag) => (await repository.headManifest(tag))?.digest);
  return heads.flatMap((digest) => digest ?? []);
}

/** These images with the manifests in their indexes. */
async function membersOf(session: Session, destination: Repository, images: readonly Digest[]): Promise<readonly Digest[]> {
  const members = await mapParallel([...new Set(images)], jobs, async (digest) => {
    const stored = await blame({ origin: "destination" }, () => readManifest(session, destination, digest));
    if (stored === undefined || !isIndexType(stored.mediaType)) return [digest];
    return [digest, ...parseIndex(stored.bytes, digest).manifests.map((child) => child.digest)];
  });
  return members.flat();
}
