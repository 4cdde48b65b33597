import { isDigest, type Digest } from "../../image/digest.js";
import { findForeign, formatLayoutIndex, type LayoutIndex } from "./layout-index.js";
import type { Layout } from "./layout.js";

/** Age in milliseconds up to which a blob is kept: a manifest that refers to it may be about to be written. */
const GRACE_PERIOD = 10 * 60_000;

/**
 * Removes the blobs that pulumi-dhi wrote and that are unreachable from the index, except recent ones and what these refer to. To be
 * called under the layout's lock. An index or manifest is removed before what it refers to, so that a killed process never leaves an
 * incomplete one. Removes nothing when the index, or content reachable from it, has a digest of another algorithm than sha256: that
 * content is not read and may refer to any blob.
 */
export async function collectGarbage(layout: Layout, index: LayoutIndex, now: number): Promise<void> {
  const written = await layout.written.list();
  if (written.length === 0 || findForeign(index) !== undefined) return;
  const references = new References(layout);
  const reached = new Set<Digest>();
  const listed = await referencesIn([formatLayoutIndex(index)]);
  await reach(references, reached, listed.digests);
  if (listed.areForeign || references.areForeign) return;
  for (const digest of await topFirst(
    references,
    written.filter((one) => !reached.has(one)),
  )) {
    if (reached.has(digest) || (await layout.written.remove(digest, now - GRACE_PERIOD))) continue;
    await reach(references, reached, [digest]);
  }
}

/** The digests that blobs refer to, in any format: other tools store manifests that pulumi-dhi does not know. Each blob is read once. */
class References {
  readonly #layout: Layout;
  readonly #known = new Map<Digest, readonly Digest[]>();
  /** Whether a blob that was read has a digest of another algorithm than sha256. */
  areForeign = false;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  async of(digest: Digest): Promise<readonly Digest[]> {
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const { digests, areForeign } = await referencesIn(this.#layout.scan(digest));
    this.areForeign ||= areForeign;
    this.#known.set(digest, digests);
    return digests;
  }
}

/** Adds these digests to `reached`, with everything that they refer to, directly or indirectly. */
async function reach(references: References, reached: Set<Digest>, digests: readonly Digest[]): Promise<void> {
  const open = [...digests];
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    for (const child of await references.of(digest)) if (!reached.has(child)) open.push(child);
  }
}

/** The digests in an order in which each comes before those that it refers to. */
async function topFirst(references: References, digests: readonly Digest[]): Promise<readonly Digest[]> {
  const wanted = new Set(digests);
  const seen = new Set<Digest>();
  const bottomFirst: Digest[] = [];
  const open = digests.map((digest) => ({ digest, isRead: false }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { digest, isRead } = next;
    if (isRead) bottomFirst.push(digest);
    if (isRead || seen.has(digest)) continue;
    seen.add(digest);
    open.push({ digest, isRead: true });
    for (const child of await references.of(digest)) if (wanted.has(child) && !seen.has(child)) open.push({ digest: child, isRead: false });
  }
  return bottomFirst.toReversed();
}

const digestText = /sha256:[0-9a-f]{64}/g;
const DIGEST_LENGTH = "sha256:".length + 64;
/** A descriptor's digest of another algorithm (OCI image spec, descriptor.md, "Digests"). */
const foreignDigest = /"digest"\s{0,9}:\s{0,9}"(?!sha256:)[a-z0-9+._-]{1,32}:[A-Za-z0-9=_-]/;
const FOREIGN_LENGTH = 100;

/** The digests in JSON, found without parsing, as it may be too deep or too long for that. None in other content, such as a layer. */
async function referencesIn(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<{ readonly digests: readonly Digest[]; readonly areForeign: boolean }> {
  const found = new Set<Digest>();
  let areForeign = false;
  let isJson = false;
  let rest = "";
  for await (const chunk of source) {
    const text = rest + chunk.toString("latin1");
    const start: string | undefined = isJson ? undefined : firstCharacter(text);
    if (start !== undefined && start !== "{" && start !== "[") return { digests: [], areForeign: false };
    isJson ||= start !== undefined;
    for (const [digest] of text.matchAll(digestText)) if (isDigest(digest)) found.add(digest);
    areForeign ||= foreignDigest.test(text);
    rest = text.slice(1 - Math.max(DIGEST_LENGTH, FOREIGN_LENGTH));
  }
  return { digests: [...found], areForeign };
}

/** After a byte order mark and white space. */
function firstCharacter(text: string): string | undefined {
  const at = text.search(/[^ \t\r\n\u00ef\u00bb\u00bf]/);
  return at === -1 ? undefined : text[at];
}
