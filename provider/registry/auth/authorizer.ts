import { Memo } from "../../async/memo.js";
import { DhiError } from "../../errors.js";
import type { HttpClient } from "../../http/request.js";
import { parseChallenges, type Challenge } from "./challenge.js";
import { basicHeader, type Credential } from "./credential.js";
import type { Credentials } from "./credentials.js";
import { mergeScopes } from "./scope.js";
import { fetchToken, type Token } from "./tokens.js";

/** The permission for a request: the repository whose credentials are used, and the scopes. */
export interface Permission {
  readonly repository: string;
  readonly scopes: readonly string[];
}

/** Authenticates to one registry: learns from its challenges, caches its tokens, and fetches each only once at a time. */
export class Authorizer {
  readonly #host: string;
  readonly #http: HttpClient;
  readonly #credentials: Credentials;
  /** Tokens by scopes; refusals are cached too, so that a wrong password is not tried twenty times. */
  readonly #tokens = new Memo<Token>(isRefusal);
  /** Scopes of challenges, beyond those that were wanted. */
  readonly #extra = new Map<string, readonly string[]>();
  #challenge: Challenge | undefined;
  /** That of which the token endpoint has received the credentials. */
  #trusted: Challenge | undefined;

  /** `host`: canonical. */
  constructor(host: string, http: HttpClient, credentials: Credentials) {
    this.#host = host;
    this.#http = http;
    this.#credentials = credentials;
  }

  /** The `Authorization` header for a request; undefined before the first challenge. */
  async header(permission: Permission): Promise<string | undefined> {
    const challenge = this.#challenge;
    if (challenge === undefined) return undefined;
    const credential = await this.#credentials.find(this.#host, permission.repository);
    if (credential?.kind === "bearer") return `Bearer ${credential.token}`;
    if (challenge.scheme === "basic")
      return credential?.kind === "basic" ? basicHeader(credential.username, credential.password) : undefined;
    return `Bearer ${(await this.#token(challenge, permission, credential)).value}`;
  }

  /** Whether there are no credentials for the repository. */
  async isAnonymous({ repository }: Permission): Promise<boolean> {
    return (await this.#credentials.find(this.#host, repository)) === undefined;
  }

  /** After a 401: the header to try next, or undefined when there is nothing else to try. `used` is the header that was rejected. */
  async answer(wwwAuthenticate: string, permission: Permission, used: string | undefined): Promise<string | undefined> {
    this.learn(wwwAuthenticate);
    const scope = this.#challenge?.parameters["scope"] ?? "";
    if (scope !== "") this.#extra.set(keyOf(permission), scope.split(" "));
    if (used !== undefined) await this.#forget(permission, used);
    const next = await this.header(permission);
    return next === used ? undefined : next;
  }

  /** Learns from a challenge, which may also be that of the probe. */
  learn(wwwAuthenticate: string): void {
    const challenges = parseChallenges(wwwAuthenticate);
    const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && (parameters["realm"] ?? "") !== "");
    this.#challenge = bearer ?? challenges.find(({ scheme }) => scheme === "basic") ?? this.#challenge;
  }

  async #forget(permission: Permission, used: string): Promise<void> {
    for (const [key, token] of this.#tokens.entries()) {
      const known = await token.catch(() => undefined);
      if (known !== undefined && used === `Bearer ${known.value}` && key.startsWith(`${permission.repository} `))
        this.#tokens.delete(key, token);
    }
  }

  async #token(challenge: Challenge, permission: Permission, credential: Credential | undefined): Promise<Token> {
    const scopes = mergeScopes(permission.scopes, this.#extra.get(keyOf(permission)) ?? []);
    const key = `${permission.repository} ${scopes.join(" ")}`;
    const known = this.#tokens.get(key);
    if (known !== undefined) {
      const token = await known;
      if (token.until > Date.now()) return token;
      // Unless another request has renewed it in the meantime.
      this.#tokens.delete(key, known);
    }
    const { realm = "", service } = challenge.parameters;
    if (credential !== undefined) this.#trust(challenge);
    return await this.#tokens.run(key, () => fetchToken(this.#http, { realm, service, scopes, credential, registry: this.#host }));
  }

  /** Whoever can change a later response of the registry must not get its credentials. */
  #trust(challenge: Challenge): void {
    const before = endpointOf(this.#trusted ?? challenge);
    if (endpointOf(challenge) === before) {
      this.#trusted = challenge;
      return;
    }
    this.#challenge = this.#trusted;
    const message = `${this.#host} names the token endpoint ${endpointOf(challenge)}, and named ${before} before: credentials are sent to the first only`;
    throw new DhiError("unauthorized", message, { hint: "Run the command again. If it stays so, the registry names different endpoints" });
  }
}

function endpointOf({ parameters: { realm = "" } }: Challenge): string {
  return URL.canParse(realm) ? new URL(realm).origin : realm;
}

function isRefusal(thrown: unknown): boolean {
  return thrown instanceof DhiError && thrown.code === "unauthorized";
}

function keyOf(permission: Permission): string {
  return `${permission.repository} ${permission.scopes.join(" ")}`;
}
