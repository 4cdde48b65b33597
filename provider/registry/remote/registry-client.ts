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

/** Requests at a time to one registry, and uploads at a time beside them. */
const REQUESTS = 8;
const UPLOADS = 8;

/** What a probe is answered with does not matter as long as it is HTTP. */
const ANY_STATUS = [200, 400, 401, 403, 404, 405, 429, 500, 502, 503, 504];

export interface RegistryRequest extends Omit<HttpRequest, "url" | "purpose"> {
  /** A path below `/v2/`, or a whole URL that the registry gave. */
  readonly url: string | URL;
  readonly purpose: string;
  readonly permission: Permission;
}

export interface RegistryClientOptions {
  /** Canonical. */
  readonly host: string;
  readonly http: HttpClient;
  readonly authorizer: Authorizer;
  /** `http` or `https` when settled; undefined asks the registry, which only loopback ones are. */
  readonly scheme: "http" | "https" | undefined;
}

/** Talks to one registry: base URL, authentication, limits. */
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

  /** The answer with its body read; at most `limit` bytes. */
  send(request: RegistryRequest, limit?: number): Promise<HttpAnswer> {
    return this.#requests.run(() => this.#authorized(request, (full) => this.#options.http.send(full, limit)));
  }

  /**
   * The answer with its body to be read. It takes a place among the requests only until it begins: a reader may wait
   * for others, and eight waiting readers must not keep those from being served.
   */
  open(request: RegistryRequest): Promise<HttpResponse> {
    return this.#requests.run(() => this.#authorized(request, (full) => this.#options.http.request(full)));
  }

  /** Long requests whose body may itself come from this registry, so they wait only for each other. */
  upload<T>(work: () => Promise<T>): Promise<T> {
    return this.#uploads.run(work);
  }

  /** Like `send`, but within `upload`. */
  sendLong(request: RegistryRequest): Promise<HttpAnswer> {
    return this.#authorized(request, (full) => this.#options.http.send(full));
  }

  /** A `Location` of an answer, made absolute. Registries behind a TLS proxy may name themselves `http`; that is set right. */
  async locate(location: string, answered: URL): Promise<URL> {
    if (!URL.canParse(location, answered.href)) throw new DhiError("rejected", `${this.host} answered with a Location that is no URL`);
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

  /** Whether a URL that the registry gave leads to itself. */
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
        // Without a header, then with one, then with a renewed one.
        if (refusal?.status !== 401 || attempt >= 3) throw await advised(thrown);
        const challenge = refusal.headers["www-authenticate"] ?? "";
        const used = header;
        const next = await login(() => this.#options.authorizer.answer(challenge, permission, used));
        if (next === undefined) throw await advised(thrown);
        header = next;
      }
    }
  }

  /** Loopback registries come with and without TLS; the first answer tells which, and often how to authenticate. */
  async #probe(): Promise<URL> {
    const api = apiHost(this.host);
    const { scheme, http, authorizer } = this.#options;
    if (scheme !== undefined || !isLoopback(api)) return new URL(`${scheme ?? "https"}://${api}/`);
    const plain = new URL(`http://${api}/`);
    const purpose = "reach the registry";
    const answer = await http
      .send({ method: "GET", url: new URL("v2/", plain), expect: ANY_STATUS, tries: 1, purpose })
      .catch((thrown: unknown) => ifNoHttp(thrown));
    if (answer === undefined) return new URL(`https://${api}/`);
    if (answer.status === 400 && /https/i.test(answer.body.toString("utf8"))) return new URL(`https://${api}/`);
    if (answer.status === 401) authorizer.learn(answer.headers["www-authenticate"] ?? "");
    return plain;
  }
}

/** Some servers close a connection that does not begin with TLS. */
function ifNoHttp(thrown: unknown): undefined {
  const code = errorCodeOf(thrown) ?? "";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET" || code.startsWith("HPE_")) return undefined;
  throw thrown;
}

/** No refusal of a token endpoint, whatever its status, is an answer of the registry about what was asked of it. */
function asLoginFailure(thrown: unknown): unknown {
  if (!(thrown instanceof DhiError) || refusalOf(thrown) === undefined) return thrown;
  if (thrown.code !== "rejected" && thrown.code !== "not-found") return thrown;
  return new DhiError("unauthorized", thrown.message, { hint: thrown.hint, cause: thrown.cause });
}
