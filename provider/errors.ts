import { inspect } from "node:util";
import { redact } from "./text/redaction.js";

/** The kind of failure, for programs. */
export type ErrorCode =
  | "invalid" // an input, or data from outside, is not valid
  | "not-found" // a 404, an absent file or platform
  | "unauthorized" // 401, 403, no credentials
  | "unavailable" // 429, 5xx, a connection that cannot be made, a time limit
  | "rejected" // any other error response of a server
  | "mismatch" // bytes differ from their digest or size
  | "conflict" // a tag, path, user or name is taken by something else
  | "limit" // a limit of pulumi-dhi is exceeded
  | "cancelled";

/** Which part of the work failed. */
export type ErrorOrigin = "inputs" | "base" | "artifact" | "packages" | "destination" | "signing";

export interface DhiErrorOptions {
  readonly origin?: ErrorOrigin | undefined;
  /** Path of the property that is at fault, as in the program: `artifacts[0].includes[1]`. */
  readonly property?: string | undefined;
  /** What the user can do, as an imperative sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The one error class. Its message is complete by itself: what, where, and what to do. Its texts never contain a credential that is in use.
 */
export class DhiError extends Error {
  readonly code: ErrorCode;
  readonly origin: ErrorOrigin | undefined;
  readonly property: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: DhiErrorOptions = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "DhiError";
    this.code = code;
    this.origin = options.origin;
    this.property = options.property;
    this.hint = options.hint === undefined ? undefined : redact(options.hint);
  }

  /** The same error, with the fields that it lacks filled in by an outer caller. */
  within(outer: Blame): DhiError {
    return new DhiError(this.code, this.message, {
      origin: this.origin ?? outer.origin,
      property: this.property ?? outer.property,
      hint: this.hint ?? outer.hint,
      cause: this.cause,
    });
  }

  /** One line or a few: `property: message. Hint`. */
  describe(): string {
    const where = this.property === undefined || this.property === "" ? "" : `${this.property}: `;
    const hint = this.hint === undefined ? "" : `. ${this.hint}`;
    return `${where}${this.message}${hint}`;
  }
}

/** The error of aborted work: the signal's own reason when it is a `DhiError` (the deadline, an interrupt), else "cancelled". */
export function cancellation(signal: AbortSignal, message: string): DhiError {
  const reason: unknown = signal.reason;
  return reason instanceof DhiError ? reason : new DhiError("cancelled", message, { cause: reason });
}

/** Converts whatever was thrown to an `Error`. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(typeof thrown === "string" ? thrown : `an unknown error: ${inspect(thrown)}`);
}

/** What an outer caller adds to an error that passes through it. */
type Blame = Pick<DhiErrorOptions, "origin" | "property" | "hint">;

/** Runs `work`; a `DhiError` from it gets this origin, property and hint where it has none. */
export async function blame<T>(outer: Blame, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw blamed(outer, thrown);
  }
}

/** `blame` for work that is done at once. */
export function blameSync<T>(outer: Blame, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw blamed(outer, thrown);
  }
}

function blamed(outer: Blame, thrown: unknown): unknown {
  return thrown instanceof DhiError ? thrown.within(outer) : thrown;
}
