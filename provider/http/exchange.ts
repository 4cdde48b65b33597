import { Readable } from "node:stream";
import { request as send } from "undici";
import { cancellation, DhiError } from "../errors.js";
import { isLoopback } from "./address.js";
import { agentFor } from "./agents.js";
import { ResponseBody } from "./body.js";
import { unreachable } from "./failure.js";
import { logRequest } from "./log.js";
import { proxyFor } from "./proxy.js";
import { NotPublicError } from "./public-address.js";
import { notPublic, refuseInternal } from "./public-place.js";
import type { HttpClientOptions, HttpRequest, RequestBody } from "./request.js";

const HEAD_TIMEOUT = 60_000;
const IDLE_TIMEOUT = 60_000;
/** Most interim responses (RFC 9110 section 15.2): each restarts the timeout of the final one. */
const INTERIM_RESPONSES = 16;

export interface Exchange {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: URL;
  readonly body: ResponseBody;
}

/** One request to one origin: no redirects, no retry. Network errors are thrown unchanged, and so are those of the body's source. */
export async function exchange(
  request: HttpRequest,
  url: URL,
  headers: Readonly<Record<string, string>>,
  options: HttpClientOptions,
): Promise<Exchange> {
  const env = options.env ?? process.env;
  if (url.protocol === "http:" && !isLoopback(url.hostname) && options.allowPlain?.(url) !== true) {
    const hint = `Set plainHttp for ${url.host} in dhi:registries if this registry is meant to be used without TLS`;
    throw new DhiError("invalid", `refusing to send a request to ${url.host} without TLS`, { hint });
  }
  const onlyPublic = request.onlyPublic?.(url);
  const proxy = proxyFor(url, env);
  if (onlyPublic !== undefined) await refuseInternal(url, proxy !== undefined, purposeOf(request), onlyPublic.hint, options.signal);
  const certificates = (await options.certificates?.(url)) ?? [];
  const started = performance.now();
  const sent = new SentBody(request.body);
  const log = (outcome: number | string, received: number): void => {
    logRequest(env["DHI_LOG"], {
      method: request.method,
      url,
      outcome,
      sent: sent.bytes,
      received,
      milliseconds: performance.now() - started,
    });
  };
  try {
    const response = await send(url, {
      method: request.method,
      headers: { "user-agent": "pulumi-dhi", ...headers },
      body: sent.open() ?? null,
      onInfo: limitInterim(url, purposeOf(request)),
      dispatcher: agentFor(proxy, certificates, onlyPublic !== undefined),
      headersTimeout: request.headTimeout ?? HEAD_TIMEOUT,
      bodyTimeout: request.idleTimeout ?? IDLE_TIMEOUT,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const { statusCode: status } = response;
    const body = new ResponseBody(response.body, {
      slowest: options.slowest,
      explain: (thrown) => failureOf(thrown, url, purposeOf(request), options.signal),
      ended: (received) => {
        log(status, received);
      },
    });
    return { status, headers: joinHeaders(response.headers), url, body };
  } catch (thrown) {
    log("failed", 0);
    if (thrown instanceof NotPublicError) throw notPublic(url, thrown.address, purposeOf(request), onlyPublic?.hint);
    throw sent.failure ?? thrown;
  }
}

/** The error that users see when a request or its response fails. */
export function failureOf(thrown: unknown, url: URL, purpose: string, signal: AbortSignal | undefined): DhiError {
  if (signal?.aborted === true) return cancelled(purpose, signal);
  return thrown instanceof DhiError ? thrown : unreachable(url.host, purpose, thrown);
}

function cancelled(purpose: string, signal: AbortSignal): DhiError {
  const reason: unknown = signal.reason;
  const late = reason instanceof Error && reason.name === "TimeoutError";
  const error = cancellation(signal, late ? `ran out of time to ${purpose}` : `was cancelled before it could ${purpose}`);
  return late ? error.within({ hint: "Set dhi:timeout to allow more" }) : error;
}

export function purposeOf(request: HttpRequest): string {
  return request.purpose ?? `${request.method} ${new URL(request.url).pathname}`;
}

function limitInterim(url: URL, purpose: string): () => void {
  let count = 0;
  return () => {
    count += 1;
    if (count > INTERIM_RESPONSES)
      throw new DhiError("rejected", `could not ${purpose}: ${url.host} sent more than ${INTERIM_RESPONSES} interim responses`);
  };
}

/** A request body being sent: its bytes are counted, and an error of its source is kept apart from those of the network. */
class SentBody {
  readonly #body: RequestBody | undefined;
  bytes = 0;
  failure: DhiError | undefined;

  constructor(body: RequestBody | undefined) {
    this.#body = body;
  }

  open(): Buffer | Readable | undefined {
    if (this.#body === undefined) return undefined;
    if (typeof this.#body !== "function") {
      this.bytes = this.#body.byteLength;
      return this.#body;
    }
    return Readable.from(this.#count(this.#body()), { objectMode: false, highWaterMark: 256 * 1024 });
  }

  async *#count(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of source) {
        this.bytes += chunk.byteLength;
        yield chunk;
      }
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.failure =
        thrown instanceof DhiError ? thrown : new DhiError("invalid", `could not read the content to upload: ${reason}`, { cause: thrown });
      throw thrown;
    }
  }
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
