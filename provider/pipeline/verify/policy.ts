import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { once } from "../../async/memo.js";
import { productKeys } from "../../attestation/verification/product-keys.js";
import { trustKeys, type Trust } from "../../attestation/verification/trust.js";
import { parseTrustedKeys, type TrustedKey } from "../../attestation/verification/trusted-key.js";
import { DhiError } from "../../errors.js";
import { digestOf, hexOf } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { VerifySpec } from "../spec/verify.js";
import { publicTrustedRoot } from "./public-trusted-root.js";

/** Whose signature an image must have. */
export interface Policy {
  /** Of everything that decides whether an image passes; another key or file gives another one. */
  readonly fingerprint: string;
  readonly trust: () => Promise<Trust>;
  /** A second repository to look in. */
  readonly source: Repository | undefined;
}

/** More than any key or trusted root has. */
const MAX_FILE = 1024 * 1024;

const opened = new WeakMap<VerifySpec, Promise<Policy>>();

/** Reads the files that a policy names, relative to `directory`. Throws `DhiError` "not-found", "invalid". */
export function openPolicy(directory: string, spec: VerifySpec): Promise<Policy> {
  const known = opened.get(spec);
  if (known !== undefined) return known;
  const policy = readPolicy(directory, spec);
  opened.set(spec, policy);
  return policy;
}

async function readPolicy(directory: string, { by, source }: VerifySpec): Promise<Policy> {
  if ("keys" in by) {
    const keys = (await Promise.all(by.keys.map((key) => readKeys(directory, key)))).flat();
    return {
      fingerprint: fingerprintOf(["keys", ...keys.map(({ key }) => key.export({ type: "spki", format: "pem" })).sort()]),
      trust: () => Promise.resolve(trustKeys(keys)),
      source,
    };
  }
  const { identity, issuer, trustedRoot } = by;
  const root = trustedRoot === undefined ? undefined : await readText(directory, trustedRoot, "{", "the trusted root");
  const trust = once(async () => {
    // It loads the libraries of Sigstore.
    const { trustIdentity } = await import("../../attestation/verification/identity.js");
    return trustIdentity({ identity, issuer }, root ?? (await publicTrustedRoot()), "the trusted root");
  });
  return { fingerprint: fingerprintOf(["identity", identity, issuer, root ?? "public"]), trust, source };
}

function fingerprintOf(parts: readonly (string | Buffer)[]): string {
  return hexOf(digestOf(JSON.stringify(parts.map(String))));
}

async function readKeys(directory: string, text: string): Promise<readonly TrustedKey[]> {
  if (text !== "dhi") return parseTrustedKeys(await readText(directory, text, "-----BEGIN", "a key"), "a key");
  return parseTrustedKeys(productKeys, "the product's key").map(({ key, name }) => ({ key, name: `dhi (${name})` }));
}

/** The text itself where it has `mark`, else that of the file that it names. */
async function readText(directory: string, text: string, mark: string, what: string): Promise<string> {
  if (text.includes(mark)) return text;
  const path = resolve(directory, text);
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE) throw new DhiError("limit", `${what} in ${text} has ${String(size)} bytes, beyond ${String(MAX_FILE)}`);
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (thrown instanceof DhiError) throw thrown;
    throw new DhiError("not-found", `the file ${text} with ${what} cannot be read`, {
      hint: "Give a file relative to the Pulumi project",
      cause: thrown,
    });
  }
}
