/** Buckets of apk's hash table of names (apk-tools 2.14, src/database.c). */
const buckets = 20_000;
const seed = 5381;

/**
 * The place of a name in apk's hash table of names: apk iterates over `install_if` names in this order, which affects its
 * choices. The hash is MurmurHash3 x86_32 (Appleby, public domain).
 */
export function placeOf(name: string): number {
  const bytes = Buffer.from(name, "latin1");
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed;
  for (let at = 0; at < whole; at += 4) {
    hash = rotate(hash ^ scramble(bytes.readUInt32LE(at)), 13);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if (whole < bytes.length) hash ^= scramble(bytes.readUIntLE(whole, bytes.length - whole));
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % buckets;
}

function scramble(block: number): number {
  return Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
