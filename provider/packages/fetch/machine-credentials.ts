import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { ifPresent } from "../../cache/files.js";
import { holdLogin } from "../../text/redaction.js";
import { parseHttpAuth, parseNetrc, type ChallengeLogin, type Login } from "./credentials.js";

export interface MachineCredentials {
  /** Sent where they match, in this order. */
  readonly logins: readonly Login[];
  /** Sent only in answer to a challenge. */
  readonly challenge: ChallengeLogin | undefined;
}

/**
 * The credentials of the machine's user, read again on each call: the netrc file (`$NETRC`, else `~/.netrc`), apt's
 * `auth.conf` and files of `auth.conf.d` with the suffix `.conf` or none, `HTTP_AUTH`. Unreadable files are skipped, as in apt.
 */
export async function readMachineCredentials(
  env: Readonly<Record<string, string | undefined>>,
  aptDirectory = "/etc/apt",
): Promise<MachineCredentials> {
  const named = env["NETRC"] ?? "";
  const netrc = named === "" ? join(env["HOME"] ?? homedir(), ".netrc") : named;
  const folder = join(aptDirectory, "auth.conf.d");
  const names = (await readable(readdir(folder))) ?? [];
  const parts = names.filter((name) => /^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*\.conf|[A-Za-z0-9_-]+)$/.test(name)).sort();
  const files = [netrc, join(aptDirectory, "auth.conf"), ...parts.map((name) => join(folder, name))];
  const texts = await Promise.all(files.map((file) => readable(readFile(file, "utf8"))));
  const logins = texts.flatMap((text) => parseNetrc(text ?? ""));
  const challenge = parseHttpAuth(env["HTTP_AUTH"]);
  for (const { username, password } of challenge === undefined ? logins : [...logins, challenge]) holdLogin(username, password);
  return { logins, challenge };
}

async function readable<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await ifPresent(work);
  } catch {
    return undefined;
  }
}
