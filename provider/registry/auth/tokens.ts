import { z } from "zod";
import { DhiError } from "../../errors.js";
import { isLoopback } from "../../http/address.js";
import type { HttpClient } from "../../http/request.js";
import { readJson } from "../../image/json.js";
import { holdSecret } from "../../text/redaction.js";
import { basicHeader, type Credential } from "./credential.js";
import { isAtRegistry } from "../host.js";

/** Distribution project, "Token Authentication Specification"; 60 s is its default lifetime. */
const answerSchema = z.object({ token: z.string().nullish(), access_token: z.string().nullish(), expires_in: z.number().nullish() });
const DEFAULT_LIFETIME = 60;
/** Seconds before its expiry at which a token is no longer used. */
const MARGIN = 10;

export interface TokenRequest {
  readonly realm: string;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
  /** The registry that named the realm, for errors. */
  readonly registry: string;
}

export interface Token {
  readonly value: string;
  /** Milliseconds since the epoch after which the token is not used. */
  readonly until: number;
}

/** Fetches an access token. Throws `DhiError` "unauthorized" when the endpoint refuses, or must not receive the credentials. */
export async function fetchToken(http: HttpClient, request: TokenRequest): Promise<Token> {
  const { realm, credential, registry } = request;
  if (!URL.canParse(realm)) throw new DhiError("rejected", `${registry} names a token endpoint that is not a valid URL`);
  const url = new URL(realm);
  if (credential !== undefined && url.protocol !== "https:" && !isLoopback(url.hostname) && !isAtRegistry(registry, url)) {
    throw new DhiError("unauthorized", `${registry} wants credentials sent to ${url.host} without TLS`, {
      hint: "Serve its token endpoint over https",
    });
  }
  const started = Date.now();
  const answer =
    credential?.kind === "identity" ? await exchangeIdentity(http, url, request, credential.token) : await ask(http, url, request);
  const body = readJson(answer, answerSchema);
  // Endpoints set one of the two fields and may leave the other empty.
  const value = [body?.access_token, body?.token].find((token) => (token ?? "") !== "") ?? "";
  holdSecret(value);
  if (value === "") throw new DhiError("rejected", `the token endpoint ${url.host} of ${registry} answered without a token`);
  const lifetime = Math.max(body?.expires_in ?? DEFAULT_LIFETIME, MARGIN + 5);
  return { value, until: started + (lifetime - MARGIN) * 1000 };
}

async function ask(http: HttpClient, url: URL, { service, scopes, credential, registry }: TokenRequest): Promise<Buffer> {
  const target = new URL(url);
  if (service !== undefined) target.searchParams.set("service", service);
  for (const scope of scopes) target.searchParams.append("scope", scope);
  const headers = credential?.kind === "basic" ? { authorization: basicHeader(credential.username, credential.password) } : {};
  return (await http.send({ method: "GET", url: target, headers, expect: [200], purpose: `get a token for ${registry}` })).body;
}

/** Distribution project, "OAuth2 Token Authentication". */
async function exchangeIdentity(
  http: HttpClient,
  url: URL,
  { service, scopes, registry }: TokenRequest,
  refreshToken: string,
): Promise<Buffer> {
  const form = new URLSearchParams({ grant_type: "refresh_token", client_id: "pulumi-dhi", refresh_token: refreshToken });
  if (service !== undefined) form.set("service", service);
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = Buffer.from(form.toString());
  const purpose = `get a token for ${registry}`;
  return (await http.send({ method: "POST", url, headers, body, confidential: true, expect: [200], purpose })).body;
}
