import { createHash } from "node:crypto";
import type { PackageSource } from "../packages.js";

/** A hash of what a source trusts: its keys, which of them count, and whether it accepts unsigned data. */
export function trustOf({
  keys,
  fingerprints = [],
  allowUnsigned,
}: Pick<PackageSource, "keys" | "fingerprints" | "allowUnsigned">): string {
  const hash = createHash("sha256");
  for (const key of keys) hash.update(key).update("\0");
  return hash.update(JSON.stringify([fingerprints, allowUnsigned])).digest("hex");
}
