import { trimEndOf } from "../../text/trim.js";

/** A name and password for some of the places that archives are read from. */
export interface Login {
  readonly protocol: "http" | "https" | undefined;
  /** Lower case; undefined for netrc's `default`. */
  readonly host: string | undefined;
  /** "" is the protocol's default port; undefined: any. */
  readonly port: string | undefined;
  /** Valid for paths that start with this. */
  readonly path: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Logins of a netrc file: `machine [protocol://]host[:port][/path]`, `default`, `login`, `password`, separated by whitespace
 * (apt_auth.conf(5); netrc of ftp(1)). `account` and `macdef` are ignored; entries without both name and password are dropped.
 */
export function parseNetrc(text: string): readonly Login[] {
  const tokens = tokenize(text);
  const logins: Login[] = [];
  let place: Pick<Login, "protocol" | "host" | "port" | "path"> | undefined;
  let username: string | undefined;
  let password: string | undefined;
  const finish = (): void => {
    if (place !== undefined && username !== undefined && password !== undefined) logins.push({ ...place, username, password });
    place = username = password = undefined;
  };
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === "machine" || token === "default") {
      finish();
      place = token === "machine" ? parsePlace(tokens[++at] ?? "") : { protocol: undefined, host: undefined, port: undefined, path: "" };
    } else if (token === "login") username = tokens[++at];
    else if (token === "password") password = tokens[++at];
    else if (token === "account") at += 1;
  }
  finish();
  return logins;
}

function tokenize(text: string): readonly string[] {
  const lines = text.replace(/^macdef[^\n]*\n(?:[^\n]+\n)*/gm, "").split("\n");
  // Only a whole line is a comment: passwords may contain number signs.
  const body = lines.filter((line) => !line.trimStart().startsWith("#")).join("\n");
  return [...body.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => plain ?? (quoted ?? "").replace(/\\(.)/g, "$1"));
}

function parsePlace(text: string): Pick<Login, "protocol" | "host" | "port" | "path"> | undefined {
  const match = /^(?:([a-z+]+):\/\/)?(\[[0-9a-f:.]+\]|[^/:]+)(?::(\d+))?(\/.*)?$/i.exec(text);
  const [, scheme, host, port, path = ""] = match ?? [];
  const protocol = scheme?.toLowerCase();
  if (host === undefined || (protocol !== undefined && protocol !== "http" && protocol !== "https")) return undefined;
  return { protocol, host: host.toLowerCase(), port, path };
}

/**
 * The first login that matches a URL. One without a protocol is only for https (apt_auth.conf(5)); `sealed` says
 * whether the connection to the URL cannot be read by others.
 */
export function findLogin(logins: readonly Login[], url: URL, sealed: boolean): Login | undefined {
  const protocol = url.protocol.slice(0, -1);
  return logins.find(
    (login) =>
      (login.protocol === undefined ? sealed : login.protocol === protocol) &&
      login.host === url.hostname &&
      (login.port === undefined || login.port === url.port) &&
      url.pathname.startsWith(login.path),
  );
}

/** A URL that can be shown, and the login that it contained. */
export function splitLogin(text: string): { readonly url: string; readonly login: Login | undefined } {
  if (!URL.canParse(text)) return { url: text, login: undefined };
  const url = new URL(text);
  if (url.username === "" && url.password === "") return { url: text, login: undefined };
  const username = decode(url.username);
  const password = decode(url.password);
  url.username = url.password = "";
  const protocol = url.protocol === "http:" ? "http" : "https";
  return {
    url: url.href,
    // Only for this place: not for another port, nor for a folder whose name only starts the same.
    login: { protocol, host: url.hostname, port: url.port, path: `${trimEndOf(url.pathname, "/")}/`, username, password },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `HTTP_AUTH` of libfetch (fetch(3)): `basic:realm:user:password`, where the realm may be `*`. Sent only to servers that ask for that realm. */
export interface ChallengeLogin {
  readonly realm: string;
  readonly username: string;
  readonly password: string;
}

export function parseHttpAuth(text: string | undefined): ChallengeLogin | undefined {
  const [, realm, username, password] = /^basic:([^:]*):([^:]*):(.*)$/i.exec(text ?? "") ?? [];
  return realm === undefined || username === undefined || password === undefined ? undefined : { realm, username, password };
}

/** Whether a `WWW-Authenticate` header asks for this login's realm with the Basic scheme (RFC 7617). */
export function answersChallenge(login: ChallengeLogin, header: string | undefined): boolean {
  const [challenge] = /(?:^|,\s*)basic\b[^,]*/i.exec(header ?? "") ?? [];
  if (challenge === undefined) return false;
  return login.realm === "*" || /realm="?([^",]*)"?/i.exec(challenge)?.[1] === login.realm;
}
