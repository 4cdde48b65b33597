import type { DhiError } from "../errors.js";
import type { SlowestRate } from "./rate.js";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Bytes to send: whole, or a source that starts anew each time it is called. */
export type RequestBody = Buffer | (() => AsyncIterable<Uint8Array>);

export interface HttpRequest {
  readonly method: Method;
  readonly url: string | URL;
  /** Names in lower case. `authorization` does not survive a redirect to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The header `authorization` for each place on the way, asked anew where a redirect leads; takes the place of one in `headers`. */
  readonly authorize?: (url: URL) => string | undefined;
  /** For each place on the way: that it must be at an address of the public Internet, and what to advise where it is not. Default: any. */
  readonly onlyPublic?: (url: URL) => { readonly hint: string } | undefined;
  readonly body?: RequestBody;
  /** The body is a credential: a redirect to another origin, which would get it too (RFC 9110 section 15.4.8), is an error. Default false. */
  readonly confidential?: boolean;
  /** Statuses that are answers and no errors. Default: 200 to 299, and 404. */
  readonly expect?: readonly number[];
  /** What is being done, for errors, as in `read the manifest "3.13"`. Default: method and path. */
  readonly purpose?: string;
  /** How often to try, the first time included. Default 4. */
  readonly tries?: number;
  /** Milliseconds until the head of the answer, counted anew with each chunk sent. Default 60 s. */
  readonly headTimeout?: number;
  /** Milliseconds between two chunks of the answer. Default 60 s. */
  readonly idleTimeout?: number;
}

/** An answer whose body must be taken by exactly one of `stream`, `bytes` and `discard`. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; of a repeated one the values are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** Errors are `DhiError` "unavailable". Leaving the loop early closes the connection. */
  stream(): AsyncIterable<Uint8Array>;
  /** Throws `DhiError` "limit" when there are more than `limit` bytes. */
  bytes(limit: number): Promise<Buffer>;
  discard(): Promise<void>;
}

/** An answer read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: URL;
  readonly body: Buffer;
}

/** How a client reaches its servers. */
export interface HttpClientOptions {
  readonly signal?: AbortSignal | undefined;
  /** Proxies and `DHI_LOG` come from here. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** PEM certificates to trust beside the usual ones, for a place. */
  readonly certificates?: (url: URL) => Promise<readonly string[]>;
  /** Whether a place beyond loopback may be spoken to without TLS. Default: none. */
  readonly allowPlain?: (url: URL) => boolean;
  /** Milliseconds before the second try; doubled for each after it. Default 500. */
  readonly firstDelay?: number;
  /** What must come of an answer at least; else it counts as broken. Default one KiB a second over a minute. */
  readonly slowest?: SlowestRate | undefined;
}

export interface HttpClient {
  /**
   * Follows redirects, tries again where that is safe, and throws `DhiError`: "unauthorized" for 401 and 403,
   * "unavailable" for 429, 5xx and a broken network, "rejected" for other unexpected statuses, "cancelled".
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** `request`, with the body read whole: at most `limit` bytes (default 4 MiB and a bit). A broken body counts as a failed try. */
  send(request: HttpRequest, limit?: number): Promise<HttpAnswer>;
}

/** Thrown by a client for a status that was not expected, so that callers can tell which. */
export interface RefusedCause {
  readonly status: number;
  /** Its words, fit to be shown. */
  readonly message: string;
  /** Codes of OCI errors, such as `UNSUPPORTED`. */
  readonly codes: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** The status behind an error of the client's; undefined when there was no answer. */
export function refusalOf(error: DhiError): RefusedCause | undefined {
  return error.cause instanceof Refusal ? error.cause : undefined;
}

/** What the server said, kept as the cause of the error that users see. */
export class Refusal extends Error implements RefusedCause {
  readonly status: number;
  readonly codes: readonly string[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, codes: readonly string[], headers: Readonly<Record<string, string>>) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.codes = codes;
    this.headers = headers;
  }
}
