import { execFile } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey, randomUUID, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { listen, type Listening } from "./listen.js";

const run = promisify(execFile);

export interface TokenServerOptions {
  readonly folder: string;
  readonly username: string;
  readonly password: string;
  /** Accepted in exchange for tokens. */
  readonly identityToken?: string;
  /** Seconds. Default 300. */
  readonly lifetime?: number;
  /** Which of the requested actions are granted. Default all. */
  readonly grant?: (repository: string, actions: readonly string[]) => readonly string[];
}

export interface TokenServer {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** The certificate that a registry verifies tokens with. */
  readonly certificateFile: string;
  /** Each request: method, scopes, and how it authenticated. */
  readonly requests: readonly {
    readonly method: string;
    readonly scopes: readonly string[];
    readonly by: "basic" | "identity" | "anonymous";
  }[];
  readonly stop: () => Promise<void>;
}

/**
 * Issues RS256 tokens that docker-registry 2.8 and distribution v3 accept (distribution project, "Token Authentication Implementation").
 */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const keyFile = join(options.folder, "token.key");
  const certificateFile = join(options.folder, "token.pem");
  await run("openssl", [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=tokens",
    "-keyout",
    keyFile,
    "-out",
    certificateFile,
  ]);
  const key = createPrivateKey(await readFile(keyFile));
  const service = "test-registry";
  const issuer = "test-issuer";
  const requests: TokenServer["requests"][number][] = [];
  const header = {
    typ: "JWT",
    alg: "RS256",
    kid: libtrustId(createPublicKey(key).export({ type: "spki", format: "der" })),
    x5c: [await derOf(certificateFile)],
  };

  const server = createServer((request, response) => {
    void (async () => {
      const asked = await readAsked(request);
      const by = authenticate(request, asked, options);
      requests.push({ method: request.method ?? "", scopes: asked.getAll("scope"), by: by ?? "anonymous" });
      if (by === undefined) {
        response
          .writeHead(401, { "content-type": "application/json" })
          .end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "wrong user or password" }] }));
        return;
      }
      const access = asked
        .getAll("scope")
        .flatMap((scope) => scope.split(" "))
        .filter((scope) => scope !== "")
        .map((scope) => accessOf(scope, options));
      const now = Math.floor(Date.now() / 1000);
      const lifetime = options.lifetime ?? 300;
      const claims = {
        iss: issuer,
        sub: options.username,
        aud: service,
        iat: now,
        nbf: now - 10,
        exp: now + lifetime,
        jti: randomUUID(),
        access,
      };
      const signed = `${encode(header)}.${encode(claims)}`;
      const token = `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ token, access_token: token, expires_in: lifetime }));
    })();
  });
  const listening: Listening = await listen(server);
  return { realm: `http://${listening.host}/token`, service, issuer, certificateFile, requests, stop: listening.stop };
}

async function readAsked(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.method !== "POST") return new URL(request.url ?? "/", "http://localhost").searchParams;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

function authenticate(request: IncomingMessage, asked: URLSearchParams, options: TokenServerOptions): "basic" | "identity" | undefined {
  if (request.method === "POST") {
    return asked.get("grant_type") === "refresh_token" && asked.get("refresh_token") === options.identityToken ? "identity" : undefined;
  }
  const expected = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString("base64")}`;
  return request.headers.authorization === expected ? "basic" : undefined;
}

function accessOf(
  scope: string,
  options: TokenServerOptions,
): { readonly type: string; readonly name: string; readonly actions: readonly string[] } {
  const [type = "", name = "", actions = ""] = scope.split(":");
  const asked = actions.split(",");
  return { type, name, actions: options.grant?.(name, asked) ?? asked };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** libtrust's key id: the first 240 bits of the key's SHA-256 in base32, in groups of four. */
function libtrustId(der: Buffer): string {
  const bits = [...createHash("sha256").update(der).digest().subarray(0, 30)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = (bits.match(/.{5}/g) ?? []).map((group) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[Number.parseInt(group, 2)]).join("");
  return (letters.match(/.{4}/g) ?? []).join(":");
}

async function derOf(certificateFile: string): Promise<string> {
  const pem = await readFile(certificateFile, "utf8");
  return pem.replace(/-----[^-]+-----|\s/g, "");
}
