import type * as sign from "@sigstore/sign";
import { systemCode } from "../../cache/files.js";
import { DhiError } from "../../errors.js";

export type SigningLibrary = typeof sign;

/** Throws `DhiError` "not-found" where the optional dependency was left out. */
export async function loadSigning(load: () => Promise<SigningLibrary> = () => import("@sigstore/sign")): Promise<SigningLibrary> {
  try {
    return await load();
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND") throw thrown;
    throw new DhiError("not-found", "keyless signing needs the package @sigstore/sign, which is not installed", {
      hint: "Install it in the project: npm install @sigstore/sign@4",
      cause: thrown,
    });
  }
}
