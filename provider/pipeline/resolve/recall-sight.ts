import { digestOf, hexOf, type Digest } from "../../image/digest.js";
import type { Session } from "../session.js";

/** Older ones in the cache do not count: state has them, or what was seen was withdrawn in between. */
export const RECALLED_FOR = 86_400_000;

/**
 * When a resource first saw an image that state does not know: now, or in an operation before it on this machine within the last day. A
 * preview cannot write to state, and a plan that it saved is refused unless `up` comes to the same time.
 */
export async function recallSight(session: Session, urn: string | undefined, digest: Digest, now: number): Promise<number> {
  if (urn === undefined) return now;
  const [kind, key] = ["confirmations", hexOf(digestOf(`${urn} ${digest}`))] as const;
  const time = Date.parse((await session.cache.read(kind, key))?.toString() ?? "");
  if (time <= now && time > now - RECALLED_FOR) return time;
  // A check does not fail because the cache cannot be written.
  await session.cache.write(kind, key, Buffer.from(new Date(now).toISOString())).catch(() => undefined);
  return now;
}
