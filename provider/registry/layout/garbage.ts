import { isDigest, type Digest } from "../../image/digest.js";
import { findForeign, formatLayoutIndex, type LayoutIndex } from "./layout-index.js";
import type { Layout } from "./layout.js";

/** Blobs younger than this, in milliseconds, may be about to be named by a manifest. */
const YOUNG = 10 * 60_000;

/**
 * Removes the blobs that we wrote and that nothing in the index reaches, apart from young ones and what these name. To be called under the
 * layout's lock. An index or manifest goes before what it names, so that a process that is killed never leaves one that lacks a part.
 * Removes nothing where the index, or what it reaches, names content by another algorithm than sha256: that may name any blob.
 */
export async function collectGarbage(layout: Layout, index: LayoutIndex, now: number): Promise<void> {
  const written = await layout.written.list();
  if (written.length === 0 || findForeign(index) !== undefined) return;
  const names = new Names(layout);
  const reached = new Set<Digest>();
  const named = await namesIn([formatLayoutIndex(index)]);
  await reach(names, reached, named.digests);
  if (named.areForeign || names.areForeign) return;
  for (const digest of await topFirst(
    names,
    written.filter((one) => !reached.has(one)),
  )) {
    if (reached.has(digest) || (await layout.written.remove(digest, now - YOUNG))) continue;
    await reach(names, reached, [digest]);
  }
}

/** What blobs name, in whatever form: others keep manifests that we do not know. Each is read once. */
class Names {
  readonly #layout: Layout;
  readonly #known = new Map<Digest, readonly Digest[]>();
  /** Whether one of those that were read names content by another algorithm than sha256. */
  areForeign = false;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  async of(digest: Digest): Promise<readonly Digest[]> {
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const { digests, areForeign } = await namesIn(this.#layout.scan(digest));
    this.areForeign ||= areForeign;
    this.#known.set(digest, digests);
    return digests;
  }
}

/** Adds these digests to `reached`, with all that they name and that is named by what they name. */
async function reach(names: Names, reached: Set<Digest>, digests: readonly Digest[]): Promise<void> {
  const open = [...digests];
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    for (const named of await names.of(digest)) if (!reached.has(named)) open.push(named);
  }
}

/** The digests in such an order that each comes before those that it names. */
async function topFirst(names: Names, digests: readonly Digest[]): Promise<readonly Digest[]> {
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
    for (const named of await names.of(digest)) if (wanted.has(named) && !seen.has(named)) open.push({ digest: named, isRead: false });
  }
  return bottomFirst.toReversed();
}

const digestText = /sha256:[0-9a-f]{64}/g;
const DIGEST_LENGTH = "sha256:".length + 64;
/** A descriptor's digest by another algorithm (OCI image spec, descriptor.md, "Digests"). */
const foreignDigest = /"digest"\s{0,9}:\s{0,9}"(?!sha256:)[a-z0-9+._-]{1,32}:[A-Za-z0-9=_-]/;
const FOREIGN_LENGTH = 100;

/** The digests in a text of JSON; none for other content, such as a layer. A text too deep or too long to parse is read all the same. */
async function namesIn(
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

/** Behind a byte order mark and white space. */
function firstCharacter(text: string): string | undefined {
  const at = text.search(/[^ \t\r\n\u00ef\u00bb\u00bf]/);
  return at === -1 ? undefined : text[at];
}
