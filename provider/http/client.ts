import { setMaxListeners } from "node:events";
import { DhiError } from "../errors.js";
import { exchange, failureOf, purposeOf, type Exchange } from "./exchange.js";
import { ERROR_BODY_LIMIT, errorCodeOf, isCertificateError, refused } from "./failure.js";
import { redactUrl } from "./redact.js";
import { retry, type Outcome } from "../async/retry.js";
import { delayAfter, isTemporary } from "./retry.js";
import type { HttpAnswer, HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from "./request.js";

const TRIES = 4;
const FIRST_DELAY = 500;
const REDIRECTS = 5;
const ANSWER_LIMIT = 4 * 1024 * 1024 + 64 * 1024;

export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  // One signal bounds all requests of an operation, so many listeners on it are not a leak.
  if (options.signal !== undefined) setMaxListeners(0, options.signal);
  return {
    request: (request) => perform(request, options, toResponse),
    send: (request, limit = ANSWER_LIMIT) =>
      perform(request, options, async ({ status, headers, url, body }): Promise<HttpAnswer> => ({
        status,
        headers,
        url,
        body: await body.bytes(limit),
      })),
  };
}

function toResponse({ status, headers, url, body }: Exchange): Promise<HttpResponse> {
  return Promise.resolve({
    status,
    headers,
    url,
    stream: () => body.stream(),
    bytes: (limit) => body.bytes(limit),
    discard: () => body.discard(),
  });
}

async function perform<T>(request: HttpRequest, options: HttpClientOptions, take: (exchange: Exchange) => Promise<T>): Promise<T> {
  return await retry({ tries: request.tries ?? TRIES, signal: options.signal }, async (attempt, isLast): Promise<Outcome<T>> => {
    const delay = (retryAfter?: string): number =>
      delayAfter(attempt, options.firstDelay ?? FIRST_DELAY, retryAfter, Math.random(), Date.now());
    const purpose = purposeOf(request);
    let answer: Exchange | undefined;
    try {
      answer = await followRedirects(request, options);
      if (isExpected(request, answer.status)) return { result: await take(answer) };
      const again = isTemporary(answer.status);
      if (again && !isLast) await answer.body.discard();
      const body = again && !isLast ? Buffer.alloc(0) : (await answer.body.head(ERROR_BODY_LIMIT)).bytes;
      const failure = refused(answer.url.host, purpose, answer.status, answer.headers, body);
      return { failure, delay: again ? delay(answer.headers["retry-after"]) : undefined };
    } catch (thrown) {
      const failure = failureOf(thrown, answer?.url ?? new URL(request.url), purpose, options.signal);
      // Retrying helps against a broken network, not against a limit, a source that failed or a bad certificate.
      const broken = !(thrown instanceof DhiError) || (answer !== undefined && thrown.code === "unavailable");
      return { failure, delay: broken && failure.code === "unavailable" && !isCertificateError(errorCodeOf(thrown)) ? delay() : undefined };
    }
  });
}

function isExpected(request: HttpRequest, status: number): boolean {
  return request.expect === undefined ? (status >= 200 && status < 300) || status === 404 : request.expect.includes(status);
}

async function followRedirects(request: HttpRequest, options: HttpClientOptions): Promise<Exchange> {
  let url = new URL(request.url);
  let headers = authorized(request, url, request.headers ?? {});
  for (let hops = 0; ; hops += 1) {
    const answer = await exchange(request, url, headers, options);
    const location = answer.headers["location"];
    if (location === undefined || !isRedirect(request, answer.status) || isExpected(request, answer.status)) return answer;
    await answer.body.discard();
    const next = redirectTarget(url, location, hops, purposeOf(request));
    if (next.origin !== url.origin && request.confidential === true) {
      throw new DhiError("rejected", `could not ${purposeOf(request)}: ${url.host} redirects credentials to ${next.host}`, {
        hint: `Credentials for ${url.host} are not sent to another host. Configure the registry to name the right token endpoint`,
      });
    }
    if (next.origin !== url.origin)
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "authorization" && name !== "cookie"));
    headers = authorized(request, next, headers);
    url = next;
  }
}

function authorized(request: HttpRequest, url: URL, headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (request.authorize === undefined) return headers;
  const { authorization: _, ...others } = headers;
  const authorization = request.authorize(url);
  return authorization === undefined ? others : { ...others, authorization };
}

/** RFC 9110 section 15.4: 307 and 308 keep method and body; 301 to 303 are followed only for GET and HEAD, where that makes no difference. */
function isRedirect(request: HttpRequest, status: number): boolean {
  if (status === 307 || status === 308) return true;
  return (status === 301 || status === 302 || status === 303) && (request.method === "GET" || request.method === "HEAD");
}

function redirectTarget(from: URL, location: string, hops: number, purpose: string): URL {
  if (hops >= REDIRECTS) throw new DhiError("rejected", `could not ${purpose}: ${from.host} redirects more than ${REDIRECTS} times`);
  if (!URL.canParse(location, from.href))
    throw new DhiError("rejected", `could not ${purpose}: ${from.host} redirects to something that is not a valid URL`);
  const next = new URL(location, from);
  if (next.protocol !== "https:" && next.protocol !== "http:")
    throw new DhiError("rejected", `could not ${purpose}: ${from.host} redirects to ${redactUrl(next)}, which is not http or https`);
  if (next.protocol === "http:" && from.protocol === "https:") {
    throw new DhiError("rejected", `could not ${purpose}: ${from.host} redirects from TLS to ${redactUrl(next)}`);
  }
  return next;
}
