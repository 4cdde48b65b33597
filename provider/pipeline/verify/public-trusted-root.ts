import { TrustedRoot } from "@sigstore/protobuf-specs";
import { asError, DhiError } from "../../errors.js";

const hint = "Give sigstore.trustedRoot: a file that cosign trusted-root create writes on a machine that has the network";

/**
 * JSON of the trusted root of the public Sigstore, from its repository (TUF) or what an earlier call has kept of that on this disk. Throws
 * `DhiError` "unavailable".
 */
export async function publicTrustedRoot(): Promise<string> {
  try {
    // An optional dependency: those who verify by keys, or have a root of their own, need not have it.
    const { getTrustedRoot } = await import("@sigstore/tuf");
    return JSON.stringify(TrustedRoot.toJSON(await getTrustedRoot({ timeout: 10_000, retry: 2 })));
  } catch (thrown) {
    const { message, cause } = asError(thrown);
    const isMissing = thrown instanceof Error && "code" in thrown && thrown.code === "MODULE_NOT_FOUND";
    const why = isMissing
      ? "the optional dependency @sigstore/tuf is not installed"
      : [message, ...(cause instanceof Error ? [cause.message] : [])].join(": ");
    throw new DhiError("unavailable", `the trusted root of the public Sigstore cannot be had: ${why}`, { hint, cause: thrown });
  }
}
