import { isDigest, type Digest } from "../image/digest.js";
import { formatLayoutIndex, type LayoutIndex } from "./layout-index.js";
import type { Layout } from "./layout.js";

/** Blobs younger than this, in milliseconds, may be about to be named by a manifest. */
const YOUNG = 10 * 60_000;

/** Removes the blobs that we wrote and that nothing in the index reaches, apart from young ones. To be called under the layout's lock. */
export async function collectGarbage(layout: Layout, index: LayoutIndex, now: number): Promise<void> {
  const written = await layout.written.list();
  if (written.length === 0) return;
  const reached = await reach(layout, index);
  for (const digest of written) if (!reached.has(digest)) await layout.written.remove(digest, now - YOUNG);
}

/** All digests that the index names, and that what they stand for names, in whatever form: others keep manifests that we do not know. */
async function reach(layout: Layout, index: LayoutIndex): Promise<ReadonlySet<Digest>> {
  const reached = new Set<Digest>();
  const open = await digestsIn([formatLayoutIndex(index)]);
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (reached.has(digest)) continue;
    reached.add(digest);
    for (const named of await digestsIn(layout.scan(digest))) if (!reached.has(named)) open.push(named);
  }
  return reached;
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
