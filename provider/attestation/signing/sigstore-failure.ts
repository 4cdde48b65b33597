import { asError, DhiError, type ErrorCode } from "../../errors.js";
import { quote } from "../../text/redaction.js";

/** What the library was doing (`InternalErrorCode` of @sigstore/sign), in words. */
const steps: ReadonlyMap<unknown, readonly [ErrorCode, string]> = new Map([
  ["CA_CREATE_SIGNING_CERTIFICATE_ERROR", ["unavailable", "the certificate authority (Fulcio) gave no certificate"]],
  ["TLOG_CREATE_ENTRY_ERROR", ["unavailable", "the transparency log (Rekor) took no entry"]],
  ["TLOG_FETCH_ENTRY_ERROR", ["unavailable", "the transparency log (Rekor) did not show its entry"]],
  ["TSA_CREATE_TIMESTAMP_ERROR", ["unavailable", "the timestamp authority gave no timestamp"]],
  ["IDENTITY_TOKEN_PARSE_ERROR", ["unauthorized", "the identity token cannot be read"]],
  ["IDENTITY_TOKEN_READ_ERROR", ["unauthorized", "there is no identity token"]],
]);

/** An error of the library for keyless signing, which repeats neither the token nor what it does not know. */
export function explainSigstore(thrown: unknown): DhiError {
  const { cause } = asError(thrown);
  if (thrown instanceof DhiError) return thrown;
  if (cause instanceof DhiError) return cause;
  const code: unknown = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  const [kind, step] = steps.get(code) ?? ["rejected", "the image could not be signed"];
  // Its message repeats the token.
  if (code === "IDENTITY_TOKEN_PARSE_ERROR") return new DhiError(kind, step);
  const said = quote(cause instanceof Error ? cause.message : asError(thrown).message);
  return new DhiError(kind, said === "" ? step : `${step}: ${said}`, { cause: thrown });
}
