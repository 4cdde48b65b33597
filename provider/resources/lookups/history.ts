import { blame, DhiError } from "../../errors.js";
import { mapParallel } from "../../async/parallel.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository } from "../../image/reference.js";
import { imageReference, object } from "../../pipeline/spec/schema.js";
import { keptTag } from "../../pipeline/state/history.js";
import type { Session } from "../../pipeline/session.js";
import type { ImageRepository } from "../../registry/repository.js";
import type { ValueMap } from "../../values.js";
import { describeFailure, parseInputs } from "../parse.js";

/** An image that is kept. Of images of other programs times and reasons are not known: state alone has them. */
export interface KeptEntry {
  readonly digest: Digest;
  readonly tag: string;
  readonly current: boolean;
  readonly reasons: readonly string[];
}

const schema = object({ ref: imageReference });
const jobs = 8;
const keptPattern = /^(.+)-[0-9a-f]{12}$/;

/**
 * The images that a repository keeps of one tag, as its tags tell: the current one first, then by tag. `ref` names it by the tag, or by the
 * digest of one that is kept. Throws `DhiError`.
 */
export async function lookUpHistory(session: Session, args: ValueMap): Promise<readonly KeptEntry[]> {
  const { value, failures } = parseInputs(schema, args);
  if (value === undefined) throw new DhiError("invalid", failures.map(describeFailure).join("\n"));
  const { reference, text } = value.ref;
  return blame({ origin: "destination", property: "ref" }, async () => {
    const repository = session.repositories.open(reference.repository);
    const tags = await repository.listTags();
    const primary = reference.tag === undefined ? primaryOf(tags, reference.digest, text) : await primaryOfTag(repository, reference.tag);
    const current = (await repository.headManifest(primary))?.digest;
    const kept = await findKept(repository, tags, primary);
    const all = kept.map(({ tag, digest }) => ({ digest, tag, current: digest === current, reasons: [] }));
    if (current !== undefined && !all.some((entry) => entry.current))
      all.unshift({ digest: current, tag: primary, current: true, reasons: [] });
    if (all.length === 0) throw new DhiError("not-found", `${formatRepository(reference.repository)} has no tag ${primary}`);
    return all.sort((a, b) => Number(b.current) - Number(a.current));
  });
}

/** The tag that an image was published under: what is before the short digest in the tag that keeps it. */
function primaryOf(tags: readonly string[], digest: Digest | undefined, text: string): string {
  const primaries = tags.flatMap((tag) => {
    const primary = keptPattern.exec(tag)?.[1];
    return primary !== undefined && digest !== undefined && keptTag(primary, digest) === tag ? [primary] : [];
  });
  const [only, ...others] = primaries;
  if (only !== undefined && others.length === 0) return only;
  const what = only === undefined ? "no tag keeps" : `the tags ${primaries.join(", ")} keep`;
  throw new DhiError(only === undefined ? "not-found" : "conflict", `${what} ${text}`, { hint: "Name the image by its tag" });
}

/** Of a tag that keeps an image, as only such ones are published with `immutableTags`, what is before the short digest. */
async function primaryOfTag(repository: ImageRepository, tag: string): Promise<string> {
  const primary = keptPattern.exec(tag)?.[1];
  const digest = primary === undefined ? undefined : (await repository.headManifest(tag))?.digest;
  return primary !== undefined && digest !== undefined && keptTag(primary, digest) === tag ? primary : tag;
}

async function findKept(repository: ImageRepository, tags: readonly string[], primary: string) {
  const named = tags.filter((tag) => keptPattern.exec(tag)?.[1] === primary);
  const heads = await mapParallel(named, jobs, async (tag) => ({ tag, digest: (await repository.headManifest(tag))?.digest }));
  return heads.flatMap(({ tag, digest }) => (digest !== undefined && keptTag(primary, digest) === tag ? [{ tag, digest }] : []));
}
