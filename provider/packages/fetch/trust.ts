import { createHash } from "node:crypto";
import type { PackageSource } from "../packages.js";

/** A name for whom a source trusts: its keys, which of them count, and whether it takes what nobody signed. */
export function trustOf({
  keys,
  fingerprints = [],
  allowUnsigned,
}: Pick<PackageSource, "keys" | "fingerprints" | "allowUnsigned">): string {
  const hash = createHash("sha256");
  for (const key of keys) hash.update(key).update("\0");
  return hash.update(JSON.stringify([fingerprints, allowUnsigned])).digest("hex");
}
