import { DhiError } from "../../errors.js";
import { refusalOf } from "../../http/request.js";

/**
 * By these a registry says that a tag stays whoever asks: distribution answers 405 where deleting is off, ECR 400 and Harbor 412 for an
 * immutable tag, others 409 for it, 415 or 422 for a manifest that is no image. 404 is none: that is a way to say "gone".
 */
const final: ReadonlySet<number> = new Set([400, 405, 409, 412, 415, 422, 501]);

/**
 * The registry's words where it does not delete or move the tag for anybody. What another login, or a later try, could do is thrown
 * on: 401 and 403, unless that says UNSUPPORTED and nothing else; 429 and 5xx; a token that was not given; whatever is not known.
 */
export function wordsOfRefusal(thrown: unknown): string {
  const refusal = thrown instanceof DhiError ? refusalOf(thrown) : undefined;
  if (refusal === undefined || !(thrown instanceof DhiError)) throw thrown;
  const { status, codes } = refusal;
  const unsupported = status >= 400 && status < 500 && status !== 401 && status !== 429 && codes.length > 0 && codes.every((code) => code === "UNSUPPORTED"); // prettier-ignore
  const known = final.has(status) && thrown.code !== "unauthorized";
  if (!known && !unsupported) throw thrown;
  return thrown.message;
}
