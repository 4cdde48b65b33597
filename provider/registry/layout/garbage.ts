import { isDigest, type Digest } from "../../image/digest.js";
import { formatLayoutIndex, type LayoutIndex } from "./layout-index.js";
import type { Layout } from "./layout.js";

/** Blobs younger than this, in milliseconds, may be about to be named by a manifest. */
const YOUNG = 10 * 60_000;

/**
 * Removes the blobs that we wrote and that nothing in the index reaches, apart from young ones and what these name. To be called under the
 * layout's lock. An index or manifest goes before what it names, so that a process that is killed never leaves one that lacks a part.
 */
export async function collectGarbage(layout: Layout, index: LayoutIndex, now: number): Promise<void> {
  const written = await layout.written.list();
  if (written.length === 0) return;
  const names = new Names(layout);
  const reached = new Set<Digest>();
  await reach(names, reached, await digestsIn([formatLayoutIndex(index)]));
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

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  async of(digest: Digest): Promise<readonly Digest[]> {
    const known = this.#known.get(digest) ?? (await digestsIn(this.#layout.scan(digest)));
    this.#known.set(digest, known);
    return known;
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

/** The digests in a text of JSON; none for other content, such as a layer. A text too deep or too long to parse is read all the same. */
async function digestsIn(source: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Digest[]> {
  const found = new Set<Digest>();
  let isJson = false;
  let rest = "";
  for await (const chunk of source) {
    const text = rest + chunk.toString("latin1");
    const start: string | undefined = isJson ? undefined : firstCharacter(text);
    if (start !== undefined && start !== "{" && start !== "[") return [];
    isJson ||= start !== undefined;
    for (const [digest] of text.matchAll(digestText)) if (isDigest(digest)) found.add(digest);
    rest = text.slice(1 - DIGEST_LENGTH);
  }
  return [...found];
}

/** Behind a byte order mark and white space. */
function firstCharacter(text: string): string | undefined {
  const at = text.search(/[^ \t\r\n\u00ef\u00bb\u00bf]/);
  return at === -1 ? undefined : text[at];
}
