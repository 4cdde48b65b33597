import { z } from "zod";
import { DhiError, type ErrorCode } from "../errors.js";
import { readJson } from "../image/json.js";
import { listOf, orAbsent } from "../image/lenient.js";
import { quote, redact } from "../text/redaction.js";
import { Refusal } from "./request.js";

/** Most bytes read of the body of an error response. */
export const ERROR_BODY_LIMIT = 64 * 1024;

/** Network failures by the error codes of Node and undici. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed while sending",
  UND_ERR_SOCKET: "the connection was closed early",
  ENOTFOUND: "no such host name",
  EAI_AGAIN: "the host name could not be looked up",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "the network is unreachable",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  UND_ERR_HEADERS_TIMEOUT: "no response in time",
  UND_ERR_BODY_TIMEOUT: "the response stalled midway",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "the source was shorter or longer than announced",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the response was truncated",
  HPE_INVALID_CONSTANT: "the response is not HTTP",
  HPE_INVALID_VERSION: "the response is not HTTP",
};

/** Errors of TLS and certificates: retrying does not help. */
const certificateCodes =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|ERR_TLS_CERT_|ERR_SSL_|EPROTO$|UND_ERR_PRX_TLS$)/;

/** The first error code in the chain of causes. */
export function errorCodeOf(thrown: unknown): string | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return undefined;
}

export function isCertificateError(code: string | undefined): boolean {
  return code !== undefined && certificateCodes.test(code);
}

/** `DhiError` "unavailable" for a request without a response. */
export function unreachable(host: string, purpose: string, thrown: unknown): DhiError {
  const code = errorCodeOf(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const cause = thrown;
  if (
    code === "ERR_SSL_WRONG_VERSION_NUMBER" ||
    code === "ERR_SSL_PACKET_LENGTH_TOO_LONG" ||
    (code === "EPROTO" && /wrong version/.test(message))
  ) {
    const hint = `If this registry is meant to be used without TLS, set plainHttp for ${host} in dhi:registries`;
    return new DhiError("unavailable", `could not ${purpose}: ${host} does not speak TLS`, { hint, cause });
  }
  if (isCertificateError(code)) {
    const hint = `Add its CA to caCertificates of ${host} in dhi:registries, or to NODE_EXTRA_CA_CERTS`;
    return new DhiError("unavailable", `could not ${purpose}: the certificate of ${host} is not trusted (${code ?? message})`, {
      hint,
      cause,
    });
  }
  const proxy = /^Proxy (?:response \((\d+)\)|Authentication Required)/.exec(message);
  if (proxy !== null) {
    const hint = "See HTTPS_PROXY, HTTP_PROXY and NO_PROXY";
    return new DhiError("unavailable", `could not ${purpose}: the proxy refused to connect to ${host} (${proxy[1] ?? "407"})`, {
      hint,
      cause,
    });
  }
  const hint = `Check that the host name ${host} is right, that the server is running, and that it can be reached from this machine`;
  return new DhiError("unavailable", `could not ${purpose}: ${host}: ${reasons[code ?? ""] ?? message}`, { hint, cause });
}

/** The error for an unexpected status. */
export function refused(host: string, purpose: string, status: number, headers: Readonly<Record<string, string>>, body: Buffer): DhiError {
  const { message, codes } = readServerMessage(body);
  const said = message === "" ? `${host} answered ${status}` : `${host} answered ${status}: ${message}`;
  const cause = new Refusal(status, said, codes, headers);
  return new DhiError(codeFor(status), `could not ${purpose}: ${said}`, { cause });
}

function codeFor(status: number): ErrorCode {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not-found";
  return status === 429 || status >= 500 ? "unavailable" : "rejected";
}

const text = orAbsent(z.string());
const ociError = z.object({ code: text, message: text, detail: text });
const errorBody = z.union([
  z.object({ errors: listOf(ociError) }),
  z.object({ error: text, error_description: text, details: text, message: text, detail: text }),
]);

/** The message of an error response: OCI error JSON (distribution spec, "Error Codes"), OAuth 2 error JSON, or the first line of text. */
export function readServerMessage(body: Buffer): { readonly message: string; readonly codes: readonly string[] } {
  const content = body.toString("utf8").trim();
  const json = readJson(content, errorBody);
  if (json !== undefined && "errors" in json) {
    const codes = json.errors.flatMap(({ code }) => code ?? []);
    return { message: quote(json.errors.map(describeOciError).join("; ")), codes };
  }
  if (json !== undefined) {
    const parts = [json.error, json.error_description, json.details, json.message, json.detail];
    return { message: quote(parts.filter((part) => part !== undefined).join(": ")), codes: [] };
  }
  // Redacted before the first line is taken: a secret of several lines would not be found in one of them.
  const shown = redact(content, body.byteLength >= ERROR_BODY_LIMIT);
  if (/^<(?:!doctype|html|\?xml)/i.test(content)) {
    const title = /<title>([^<]*)<\/title>/i.exec(shown)?.[1] ?? "";
    return { message: quote(title), codes: [] };
  }
  return { message: quote(shown.split(/\r?\n/, 1)[0] ?? ""), codes: [] };
}

function describeOciError({ code, message, detail }: z.infer<typeof ociError>): string {
  const parts = [code, message].filter((part) => part !== undefined && part !== "");
  const detailed = detail !== undefined && detail !== "" && detail !== message;
  return `${parts.join(": ")}${detailed ? ` (${detail})` : ""}`;
}
