import type { ErrorCode } from "../../errors.js";

/** What a thread that decodes is asked: to go on, or to go on with more bytes of the source; without bytes the source is at its end. */
export type ToDecoder = { readonly kind: "next" } | { readonly kind: "input"; readonly bytes: Uint8Array | undefined };

/** The one answer to each: decoded bytes, that more of the source is wanted, or how the stream ended; a failure without a code is a fault of ours. The next question begins a new stream then. */
export type FromDecoder =
  | { readonly kind: "output"; readonly bytes: Uint8Array }
  | { readonly kind: "more" }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly code: ErrorCode | undefined; readonly message: string };
