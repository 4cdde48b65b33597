import { DhiError } from "../../errors.js";
import { refusalOf } from "../../http/request.js";

/**
 * Statuses by which a registry refuses to delete a tag for anyone: distribution answers 405 where deletion is disabled, ECR 400 and
 * Harbor 412 for an immutable tag, others 409, and 415 or 422 for a manifest that is not an image. Not 404, which means that the tag is gone.
 */
const final: ReadonlySet<number> = new Set([400, 405, 409, 412, 415, 422, 501]);

/**
 * The message of a registry that does not delete or move the tag for anyone. Rethrows what another login or a later try could
 * change: 401 and 403, unless the only code is UNSUPPORTED; 429 and 5xx; a token that was not granted; and anything unknown.
 */
export function finalRefusal(thrown: unknown): string {
  const refusal = thrown instanceof DhiError ? refusalOf(thrown) : undefined;
  if (refusal === undefined || !(thrown instanceof DhiError)) throw thrown;
  const { status, codes } = refusal;
  const unsupported = status >= 400 && status < 500 && status !== 401 && status !== 429 && codes.length > 0 && codes.every((code) => code === "UNSUPPORTED"); // prettier-ignore
  const known = final.has(status) && thrown.code !== "unauthorized";
  if (!known && !unsupported) throw thrown;
  return thrown.message;
}
