import { DhiError } from "../../errors.js";
import { isLoopback } from "../../http/address.js";
import { errorCodeOf } from "../../http/failure.js";
import { redactUrl } from "../../http/redact.js";
import { refusalOf, type HttpAnswer, type HttpClient, type HttpRequest, type HttpResponse } from "../../http/request.js";
import { advise } from "./advice.js";
import type { Authorizer, Permission } from "../auth/authorizer.js";
import { apiHost } from "../host.js";
import { Limiter } from "../../async/limiter.js";
import { once } from "../../async/memo.js";

/** Concurrent requests to one registry, and concurrent uploads in addition. */
const REQUESTS = 8;
const UPLOADS = 8;

/** A probe accepts any HTTP response. */
const ANY_STATUS = [200, 400, 401, 403, 404, 405, 429, 500, 502, 503, 504];

export interface RegistryRequest extends Omit<HttpRequest, "url" | "purpose"> {
  /** A path below `/v2/`, or an absolute URL from the registry. */
  readonly url: string | URL;
  readonly purpose: string;
  readonly permission: Permission;
}

export interface RegistryClientOptions {
  /** Canonical. */
  readonly host: string;
  readonly http: HttpClient;
  readonly authorizer: Authorizer;
  /** `http` or `https` when configured. Undefined means `https`, but loopback registries are probed. */
  readonly scheme: "http" | "https" | undefined;
}

/** The client of one registry: base URL, authentication, limits. */
export class RegistryClient {
  readonly host: string;
  readonly #options: RegistryClientOptions;
  readonly #requests = new Limiter(REQUESTS);
  readonly #uploads = new Limiter(UPLOADS);
  readonly #findBase = once(() => this.#probe());

  constructor(options: RegistryClientOptions) {
    this.host = options.host;
    this.#options = options;
  }

  /** The response with its body; at most `limit` bytes. */
  send(request: RegistryRequest, limit?: number): Promise<HttpAnswer> {
    return this.#requests.run(() => this.#authorized(request, (full) => this.#options.http.send(full, limit)));
  }

  /**
   * The response with its body still to be read. It counts as a running request only until the response begins: a reader may wait
   * for other requests, which eight waiting readers must not block.
   */
  open(request: RegistryRequest): Promise<HttpResponse> {
    return this.#requests.run(() => this.#authorized(request, (full) => this.#options.http.request(full)));
  }

  /** Runs a long request, whose body may itself be read from this registry: uploads wait only for each other. */
  upload<T>(work: () => Promise<T>): Promise<T> {
    return this.#uploads.run(work);
  }

  /** Like `send`, but within `upload`. */
  sendLong(request: RegistryRequest): Promise<HttpAnswer> {
    return this.#authorized(request, (full) => this.#options.http.send(full));
  }

  /** Resolves a `Location` of a response. Registries behind a TLS proxy may call themselves `http`: that is corrected. */
  async locate(location: string, answered: URL): Promise<URL> {
    if (!URL.canParse(location, answered.href))
      throw new DhiError("rejected", `${this.host} answered with a Location that is not a valid URL`);
    const url = new URL(location, answered);
    const base = await this.#findBase();
    if (url.hostname === base.hostname && url.protocol === "http:" && base.protocol === "https:") {
      url.protocol = "https:";
      url.port = base.port;
    }
    if (url.protocol !== "https:" && (url.protocol !== "http:" || base.protocol === "https:"))
      throw new DhiError("rejected", `${this.host} answered with a Location that leaves TLS: ${redactUrl(url)}`);
    return url;
  }

  /** Whether a URL from the registry leads to the registry itself. */
  async owns(url: URL): Promise<boolean> {
    return url.origin === (await this.#findBase()).origin;
  }

  async #authorized<T extends { readonly status: number; readonly headers: Readonly<Record<string, string>> }>(
    request: RegistryRequest,
    send: (full: HttpRequest) => Promise<T>,
  ): Promise<T> {
    const base = await this.#findBase();
    const url = typeof request.url === "string" ? new URL(`v2/${request.url}`, base) : request.url;
    const { permission, ...rest } = request;
    if (url.origin !== base.origin) return await send({ ...rest, url });
    const advised = async (thrown: unknown): Promise<unknown> => {
      const anonymous = await this.#options.authorizer.isAnonymous(permission).catch(() => true);
      const tagged = request.method === "PUT" && /\/manifests\/[^:]+$/.test(url.pathname);
      return advise(thrown, { host: this.host, anonymous, tagged });
    };
    const login = <R>(work: () => Promise<R>): Promise<R> =>
      work().catch(async (thrown: unknown) => {
        throw await advised(asLoginFailure(thrown));
      });
    let header = await login(() => this.#options.authorizer.header(permission));
    for (let attempt = 1; ; attempt += 1) {
      const headers = header === undefined ? rest.headers : { ...rest.headers, authorization: header };
      try {
        return await send({ ...rest, url, ...(headers === undefined ? {} : { headers }) });
      } catch (thrown) {
        const refusal = thrown instanceof DhiError ? refusalOf(thrown) : undefined;
        // Three tries: without a header, with one, and with a renewed one.
        if (refusal?.status !== 401 || attempt >= 3) throw await advised(thrown);
        const challenge = refusal.headers["www-authenticate"] ?? "";
        const used = header;
        const next = await login(() => this.#options.authorizer.answer(challenge, permission, used));
        if (next === undefined) throw await advised(thrown);
        header = next;
      }
    }
  }

  /** Loopback registries may use TLS or not: the first response tells which, and often how to authenticate. */
  async #probe(): Promise<URL> {
    const api = apiHost(this.host);
    const { scheme, http, authorizer } = this.#options;
    if (scheme !== undefined || !isLoopback(api)) return new URL(`${scheme ?? "https"}://${api}/`);
    const plain = new URL(`http://${api}/`);
    const purpose = "reach the registry";
    const answer = await http
      .send({ method: "GET", url: new URL("v2/", plain), expect: ANY_STATUS, tries: 1, purpose })
      .catch((thrown: unknown) => ignoreTlsOnly(thrown));
    if (answer === undefined) return new URL(`https://${api}/`);
    if (answer.status === 400 && /https/i.test(answer.body.toString("utf8"))) return new URL(`https://${api}/`);
    if (answer.status === 401) authorizer.learn(answer.headers["www-authenticate"] ?? "");
    return plain;
  }
}

/** Some TLS servers close a connection that does not begin with a handshake. Rethrows other errors. */
function ignoreTlsOnly(thrown: unknown): undefined {
  const code = errorCodeOf(thrown) ?? "";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET" || code.startsWith("HPE_")) return undefined;
  throw thrown;
}

/** An error response of a token endpoint, whatever its status, is a failed login and says nothing about the request to the registry. */
function asLoginFailure(thrown: unknown): unknown {
  if (!(thrown instanceof DhiError) || refusalOf(thrown) === undefined) return thrown;
  if (thrown.code !== "rejected" && thrown.code !== "not-found") return thrown;
  return new DhiError("unauthorized", thrown.message, { hint: thrown.hint, cause: thrown.cause });
}
