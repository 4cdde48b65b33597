import type { Digest } from "../../image/digest.js";
import type { Content } from "../../rootfs/tree/node.js";
import { displayPath } from "../../rootfs/tree/raw-path.js";
import { stopIfAborted } from "../../rootfs/steps.js";
import { addedTexts } from "./added-texts.js";
import { listed } from "./listed.js";
import type { PlatformFacts } from "./platform-facts.js";
import { secretKinds } from "./secret-patterns.js";
import type { Violation } from "./violation.js";

/** Bytes of a file that are searched, from its start. */
export const MAX_SEARCHED = 1024 * 1024;
/** Bytes of all files together that are searched. */
export const MAX_SEARCHED_TOTAL = 512 * 1024 * 1024;

const hint = "Leave it out of the image, and give it to containers when they start";

/**
 * Well-known forms of secrets in what is added: files, except those of packages, which anyone can download, and the config. Says where, and never
 * what. `total`: the bytes that may be searched.
 */
export async function judgeSecrets(
  facts: PlatformFacts,
  signal: AbortSignal | undefined,
  total = MAX_SEARCHED_TOTAL,
): Promise<readonly Violation[]> {
  const inConfig = addedTexts(facts).flatMap(({ place, text }) => secretKinds(text).map((kind) => `${kind} in ${place}`));
  const { found, isComplete } = await searchFiles(facts, signal, total);
  const all = [...inConfig, ...found];
  const violations: Violation[] = [];
  if (all.length > 0) violations.push({ rule: "forbidSecrets", message: `secrets are added: ${listed(all)}`, hint });
  if (!isComplete) {
    const message = `the files that are added have more than ${(total / 1024 / 1024).toLocaleString("en-US")} MiB to search for secrets`;
    violations.push({ rule: "forbidSecrets", message, hint: "Add fewer files, or search them before and remove forbidSecrets" });
  }
  return violations;
}

async function searchFiles(
  { layers, base, read }: PlatformFacts,
  signal: AbortSignal | undefined,
  total: number,
): Promise<{ readonly found: readonly string[]; readonly isComplete: boolean }> {
  const known = new Map<Digest, readonly string[]>();
  const found: string[] = [];
  let left = total;
  for (const { entries, from } of layers) {
    if (from === "packages") continue;
    for (const entry of entries) {
      const content = "node" in entry ? entry.node.content : undefined;
      if (content === undefined || base.get(entry.path)?.content?.digest === content.digest) continue;
      let kinds = known.get(content.digest);
      if (kinds === undefined) {
        stopIfAborted(signal);
        left -= Math.min(content.size, MAX_SEARCHED);
        if (left < 0) return { found, isComplete: false };
        kinds = secretKinds((await readStart(content, read)).toString("latin1"));
        known.set(content.digest, kinds);
      }
      found.push(...kinds.map((kind) => `${kind} in ${displayPath(entry.path)}`));
    }
  }
  return { found, isComplete: true };
}

async function readStart(content: Content, read: PlatformFacts["read"]): Promise<Buffer> {
  if (content.from === "bytes") return content.bytes.subarray(0, MAX_SEARCHED);
  const start = Buffer.alloc(Math.min(content.size, MAX_SEARCHED));
  let length = 0;
  for await (const chunk of read(content)) {
    start.set(chunk.subarray(0, start.length - length), length);
    length += Math.min(chunk.length, start.length - length);
    if (length === start.length) break;
  }
  return start;
}
