import { z } from "zod";
import { DhiError } from "../../errors.js";
import type { Repository } from "../../image/reference.js";
import { list, object, repository, text } from "./schema.js";
import { sigstore } from "./sigstore.js";

/** Whose signature an image must have, as declared. */
export interface VerifySpec {
  readonly by:
    { readonly keys: readonly string[] } | { readonly identity: string; readonly issuer: string; readonly trustedRoot: string | undefined };
  /** A second repository that signatures are looked for in. */
  readonly source: Repository | undefined;
}

const key = text("PEM text, a file, or dhi").min(1, { error: '"" is not a key. Give PEM text, a file, or dhi' });
const name = (what: string): z.ZodString => text(what).min(1, { error: `"" is not ${what}` });

const shape = {
  keys: list(key, "keys").min(1, { error: "is empty. Give PEM text, a file, or dhi" }).optional(),
  identity: name("an e-mail address or a URI").optional(),
  issuer: name("the URL of an OpenID Connect provider").optional(),
  sigstore: sigstore.optional(),
  source: repository.optional(),
};

/** `VerifyArgs` of the sdk. */
export const verify = object(shape).transform(({ keys, identity, issuer, sigstore: services, source }, context): VerifySpec => {
  const fail = (path: readonly string[], message: string): never => {
    context.addIssue({ code: "custom", path: [...path], message });
    return z.NEVER;
  };
  const from = source?.repository;
  if (keys !== undefined) {
    const other = identity === undefined ? (issuer === undefined ? services && "sigstore" : "issuer") : "identity";
    if (other !== undefined) return fail([other], "is not used with keys. Remove it, or remove keys");
    return { by: { keys }, source: from };
  }
  if (identity === undefined || issuer === undefined) {
    const missing =
      identity === undefined && issuer === undefined ? "has neither keys nor an identity" : "has only one of identity and issuer";
    return fail([], `${missing}. Give keys, or both identity and issuer`);
  }
  const { fulcioUrl, rekorUrl, tsaUrl, trustedRoot } = services ?? {};
  if (trustedRoot === undefined && [fulcioUrl, rekorUrl, tsaUrl].some((one) => one !== undefined))
    return fail(["sigstore", "trustedRoot"], "is missing. What services of your own have signed is verified by their trusted root");
  return { by: { identity, issuer, trustedRoot }, source: from };
});

/** The same from a command line. Throws `DhiError` "invalid". */
export function parseVerify(value: unknown, what: string, hint?: string): VerifySpec {
  const { data, error } = verify.safeParse(value);
  if (data !== undefined) return data;
  const { path = [], message = "" } = error.issues[0] ?? {};
  throw new DhiError("invalid", `${[what, ...path.map(String)].join(".")} ${message}`, { hint });
}
