import type { DhiError } from "../errors.js";
import type { SlowestRate } from "./rate.js";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Bytes to send: a buffer, or a function that opens the source from its start each time it is called. */
export type RequestBody = Buffer | (() => AsyncIterable<Uint8Array>);

export interface HttpRequest {
  readonly method: Method;
  readonly url: string | URL;
  /** Names in lower case. `authorization` does not survive a redirect to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The header `authorization` for each URL on the way, called again for each redirect; overrides the one in `headers`. */
  readonly authorize?: (url: URL) => string | undefined;
  /** For each URL on the way: whether it must be at a public address, with the hint for the error when it is not. Default: no restriction. */
  readonly onlyPublic?: (url: URL) => { readonly hint: string } | undefined;
  readonly body?: RequestBody;
  /** The body is a credential: a redirect to another origin, which would receive it (RFC 9110 section 15.4.8), is an error. Default false. */
  readonly confidential?: boolean;
  /** Statuses that are not errors. Default: 200 to 299, and 404. */
  readonly expect?: readonly number[];
  /** What is being done, for errors, as in `read the manifest "3.13"`. Default: method and path. */
  readonly purpose?: string;
  /** Number of tries, including the first. Default 4. */
  readonly tries?: number;
  /** Milliseconds until the response begins, restarted with each chunk sent. Default 60 s. */
  readonly headTimeout?: number;
  /** Milliseconds between two chunks of the response. Default 60 s. */
  readonly idleTimeout?: number;
}

/** A response whose body must be consumed by exactly one of `stream`, `bytes` and `discard`. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; the values of a repeated header are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The URL of the response, after redirects. */
  readonly url: URL;
  /** Errors are `DhiError` "unavailable". Leaving the loop early closes the connection. */
  stream(): AsyncIterable<Uint8Array>;
  /** Throws `DhiError` "limit" when there are more than `limit` bytes. */
  bytes(limit: number): Promise<Buffer>;
  discard(): Promise<void>;
}

/** A response with its whole body. */
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
  /** PEM certificates to trust for a URL, in addition to the default ones. */
  readonly certificates?: (url: URL) => Promise<readonly string[]>;
  /** Whether a URL that is not loopback may be requested without TLS. Default: never. */
  readonly allowPlain?: (url: URL) => boolean;
  /** Milliseconds before the second try, doubled for each further one. Default 500. */
  readonly firstDelay?: number;
  /** The slowest rate of a response; a slower one counts as broken. Default one KiB a second over a minute. */
  readonly slowest?: SlowestRate | undefined;
}

export interface HttpClient {
  /**
   * Follows redirects, retries where that is safe, and throws `DhiError`: "unauthorized" for 401 and 403,
   * "unavailable" for 429, 5xx and a broken network, "rejected" for other unexpected statuses, "cancelled".
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Like `request`, with the whole body: at most `limit` bytes (default 4 MiB and 64 KiB). A broken body counts as a failed try. */
  send(request: HttpRequest, limit?: number): Promise<HttpAnswer>;
}

/** The cause of the error for an unexpected status, so that callers can tell which it was. */
export interface RefusedCause {
  readonly status: number;
  /** The server's message, redacted. */
  readonly message: string;
  /** Codes of OCI errors, such as `UNSUPPORTED`. */
  readonly codes: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** The response behind an error of the client; undefined when there was none. */
export function refusalOf(error: DhiError): RefusedCause | undefined {
  return error.cause instanceof Refusal ? error.cause : undefined;
}

/** The server's response, kept as the cause of the error that users see. */
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
