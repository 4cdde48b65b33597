import { DhiError } from "../../errors.js";
import { isLoopback } from "../../http/address.js";
import { Breaks } from "../../http/breaks.js";
import { redactUrl } from "../../http/redact.js";
import { refusalOf, type HttpClient, type HttpRequest, type HttpResponse } from "../../http/request.js";
import { wait } from "../../async/wait.js";
import { delayAfter } from "../../http/retry.js";
import { isDistributionHost } from "./base-hosts.js";
import { answersChallenge, findLogin, type Login } from "./credentials.js";
import type { MachineCredentials } from "./machine-credentials.js";
import type { SourceOrigin } from "../used-archive.js";
import type { UserHosts } from "./hosts.js";

export interface HttpSource {
  readonly client: HttpClient;
  readonly credentials: (origin: SourceOrigin) => Promise<MachineCredentials>;
  readonly userHosts: UserHosts;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds before a broken download is resumed; doubled for each break without progress. */
  readonly firstDelay: number;
}

/** The URL of a file of an archive, and who named the archive. */
export interface ArchivePlace {
  readonly url: URL;
  readonly origin: SourceOrigin;
}

/** Reads a small file whole; undefined for 404. */
export async function readHttp(source: HttpSource, { url, origin }: ArchivePlace, limit: number): Promise<Buffer | undefined> {
  const answer = await authorized(source, origin, { method: "GET", url, purpose: `read ${redactUrl(url)}` }, (request) =>
    source.client.send(request, limit),
  );
  return answer.status === 404 ? undefined : answer.body;
}

/** The first bytes of a file; undefined for 404. A server without range support is disconnected once enough has arrived. */
export async function readHttpStart(source: HttpSource, { url, origin }: ArchivePlace, length: number): Promise<Buffer | undefined> {
  const headers = { "accept-encoding": "identity", range: `bytes=0-${String(length - 1)}` };
  const request: HttpRequest = { method: "GET", url, purpose: `read ${redactUrl(url)}`, headers };
  const response = await authorized(source, origin, request, (whole) => source.client.request(whole));
  if (response.status === 404) {
    await response.discard();
    return undefined;
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.stream()) {
    pieces.push(piece);
    size += piece.length;
    if (size >= length) break;
  }
  return Buffer.concat(pieces).subarray(0, length);
}

/**
 * Streams a file of known size. A broken connection is resumed with `Range` (RFC 9110, section 14.2); if the server
 * sends the whole file again, the known part is skipped. The caller verifies the bytes.
 */
export async function* downloadHttp(source: HttpSource, place: ArchivePlace, size: number): AsyncGenerator<Uint8Array> {
  const { url } = place;
  let at = 0;
  const breaks = new Breaks();
  while (at < size || at === 0) {
    const response = await requestFrom(source, place, at);
    let skip = firstUnread(response, url, at, size);
    let broken: DhiError | undefined;
    try {
      for await (const chunk of response.stream()) {
        const fresh = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - fresh.length;
        if (fresh.length === 0) continue;
        at += fresh.length;
        breaks.received(fresh.length);
        yield fresh;
      }
      // Without a Content-Length, a closed connection looks like the end.
      if (at >= size) return;
      broken = new DhiError("mismatch", `${redactUrl(url)} ended after ${at} of ${size} bytes`);
    } catch (thrown) {
      if (!(thrown instanceof DhiError) || thrown.code !== "unavailable") throw thrown;
      broken = thrown;
    }
    if (breaks.broke()) throw broken;
    // If it is cancelled meanwhile, the next request throws.
    await wait(delayAfter(breaks.count, source.firstDelay, undefined, Math.random(), Date.now()), source.signal).catch(() => undefined);
  }
}

async function requestFrom(source: HttpSource, { url, origin }: ArchivePlace, at: number): Promise<HttpResponse> {
  const request: HttpRequest = {
    method: "GET",
    url,
    purpose: `download ${redactUrl(url)}`,
    headers: { "accept-encoding": "identity", ...(at === 0 ? {} : { range: `bytes=${at}-` }) },
  };
  const response = await authorized(source, origin, request, (whole) => source.client.request(whole));
  if (response.status !== 404) return response;
  await response.discard();
  throw new DhiError("not-found", `${redactUrl(url)} does not exist`);
}

/** How many bytes of a response are known already. Throws if its headers describe another file. */
function firstUnread(response: HttpResponse, url: URL, at: number, size: number): number {
  const wrong = (length: string): DhiError => {
    void response.discard();
    return new DhiError("mismatch", `${redactUrl(url)} has ${length} bytes, but its archive states ${size}`);
  };
  if (response.status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers["content-range"] ?? "") ?? [];
    if (total !== undefined && total !== "*" && Number(total) !== size) throw wrong(total);
    if (Number(start) === at) return 0;
    void response.discard();
    throw new DhiError("rejected", `${redactUrl(url)} was requested from byte ${at} on, but the response starts at another byte`);
  }
  const length = response.headers["content-length"];
  if (length !== undefined && response.headers["content-encoding"] === undefined && Number(length) !== size) throw wrong(length);
  return at;
}

type NameAndPassword = Pick<Login, "username" | "password">;

/**
 * Sends the matching login, to each redirect target its own; without one, or if it is rejected, the one that the
 * server's challenge asks for. What a base names, and where that redirects to, gets a login only from an entry that names the host,
 * and only at public addresses, unless stack config names the host too; it never gets a netrc's `default`.
 */
async function authorized<T>(
  source: HttpSource,
  origin: SourceOrigin,
  request: HttpRequest,
  send: (request: HttpRequest) => Promise<T>,
): Promise<T> {
  const url = new URL(request.url);
  const { logins, challenge } = await source.credentials(origin);
  const known = findLogin(logins, url, isSealed(url));
  const guarded = (place: URL): boolean => origin === "base" && !source.userHosts.names(place);
  const onlyPublic = (place: URL): { readonly hint: string } | undefined =>
    guarded(place) && !isDistributionHost(place) ? { hint: adviceFor(place) } : undefined;
  const sendAs = async (asked: NameAndPassword | undefined): Promise<T> => {
    const authorize = (place: URL): string | undefined => {
      const login = findLogin(logins, place, isSealed(place)) ?? (place.origin === url.origin ? asked : undefined);
      return login === undefined ? undefined : `Basic ${tokenOf(login)}`;
    };
    return await send({ ...request, authorize, onlyPublic });
  };
  try {
    return await sendAs(undefined);
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code !== "unauthorized") throw thrown;
    const refusal = refusalOf(thrown);
    const asked = refusal?.status === 401 ? refusal.headers["www-authenticate"] : undefined;
    const standing = origin === "base" ? undefined : logins.find(({ host }) => host === undefined);
    const other = guarded(url) ? undefined : challenge !== undefined && answersChallenge(challenge, asked) ? challenge : standing;
    if (known !== undefined || !isSealed(url) || asked === undefined || other === undefined) throw withAdvice(thrown, url, known);
    return await sendAs(other).catch((again: unknown) => {
      throw withAdvice(again, url, other);
    });
  }
}

function adviceFor({ host }: URL): string {
  return `The base names it: list ${host} in dhi:packageHosts if packages may come from there, or set packageSources`;
}

function withAdvice(thrown: unknown, url: URL, login: NameAndPassword | undefined): unknown {
  if (!(thrown instanceof DhiError) || thrown.code !== "unauthorized") return thrown;
  if (login !== undefined && refusalOf(thrown)?.status === 403)
    return thrown.within({ hint: `${url.host} accepts the login, but denies access: check its permissions there` });
  const where = isSealed(url) ? `machine ${url.hostname}` : `machine ${url.protocol}//${url.hostname}`;
  return thrown.within({ hint: `Add a login for it to ~/.netrc or /etc/apt/auth.conf.d, as "${where} login NAME password …"` });
}

/** Whether the connection cannot be read by others: TLS or loopback. */
function isSealed(url: URL): boolean {
  return url.protocol === "https:" || isLoopback(url.hostname);
}

function tokenOf({ username, password }: NameAndPassword): string {
  return Buffer.from(`${username}:${password}`, "utf8").toString("base64");
}
