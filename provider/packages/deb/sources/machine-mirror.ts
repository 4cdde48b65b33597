import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ifPresent } from "../../../cache/files.js";
import { asError, DhiError } from "../../../errors.js";
import { splitLogin, type Login } from "../../fetch/credentials.js";
import type { Distribution, PackageSource } from "../../packages.js";
import { parseOneLine } from "./one-line.js";
import { parseDeb822Sources } from "./deb822.js";
import type { SourceEntry } from "./entry.js";
import { ownArchive, publicArchive, publicSecurity, readOwnSuite, type OwnSuite } from "./own.js";
import { trimEndOf } from "../../../text/trim.js";

/** The sources of this machine's apt: `sources.list` and `sources.list.d` of `aptDirectory`. Empty without apt. */
export async function readMachineEntries(aptDirectory = "/etc/apt"): Promise<readonly SourceEntry[]> {
  const folder = join(aptDirectory, "sources.list.d");
  const names = ((await ifPresent(readdir(folder))) ?? []).filter(isSourcesFile).sort();
  const files = [join(aptDirectory, "sources.list"), ...names.map((name) => join(folder, name))];
  const entries = await Promise.all(
    files.map(async (file) => {
      const text = await ifPresent(readFile(file, "latin1"));
      return text === undefined ? [] : parseSourcesFile(file, text);
    }),
  );
  return entries.flat();
}

/** sources.list(5): names of letters, digits, underscores, hyphens and periods, with one of two suffixes. */
export function isSourcesFile(name: string): boolean {
  return /^[A-Za-z0-9_.-]+\.(?:list|sources)$/.test(name);
}

export function parseSourcesFile(file: string, text: string): readonly SourceEntry[] {
  return file.endsWith(".sources") ? parseDeb822Sources(text, file) : parseOneLine(text);
}

export interface OwnSources {
  readonly sources: readonly PackageSource[];
  /** Logins from the machine's URLs. */
  readonly logins: readonly Login[];
}

/**
 * Debian's own archive, signed by the keys that pulumi-dhi ships: from the mirror that the machine reads Debian from, whatever release
 * it runs, else from the public places. The machine's other archives, components and keys are ignored.
 */
export function ownSources(distribution: Distribution, machine: readonly SourceEntry[]): OwnSources {
  const main = pickMirror(machine, distribution, "release");
  if (main === undefined) {
    const archive = { url: publicArchive, origin: "public" as const };
    return { sources: ownArchive(distribution, archive, archive, { url: publicSecurity, origin: "public" }), logins: [] };
  }
  const updates = pickMirror(machine, distribution, "updates") ?? main;
  const security = pickMirror(machine, distribution, "security");
  const split = [main, updates, ...(security === undefined ? [] : [security])].map(splitLogin);
  const place = (url: string): Pick<PackageSource, "url" | "origin"> => ({
    url: trimEndOf(splitLogin(url).url, "/"),
    origin: "machine",
  });
  const sources = ownArchive(
    distribution,
    place(main),
    place(updates),
    security === undefined ? { url: publicSecurity, origin: "public" } : place(security),
  );
  return { sources, logins: split.flatMap(({ login }) => (login === undefined ? [] : [login])) };
}

/** The machine's mirror for a part of Debian: one that it uses for this release before others, in the order of its sources. */
function pickMirror(machine: readonly SourceEntry[], { release }: Distribution, part: OwnSuite): string | undefined {
  const fitting = machine.filter(isOwn).flatMap(({ url, suites }) =>
    suites.flatMap((suite) => {
      const own = readOwnSuite(suite);
      return own?.part === part ? [{ url, exact: own.release === release }] : [];
    }),
  );
  return (fitting.find(({ exact }) => exact) ?? fitting[0])?.url;
}

/** A third party may name its suite after Debian's, but then it has another component or its own key. */
function isOwn({ components, signedBy }: SourceEntry): boolean {
  if (!components.includes("main")) return false;
  if (signedBy === undefined) return true;
  return signedBy.inline === undefined && signedBy.paths.every((path) => /\/debian-archive-[^/]+$/.test(path));
}

/** `readMachineEntries`, with its errors made `DhiError`s that say how to go on. */
export async function tryMachineEntries(aptDirectory?: string): Promise<readonly SourceEntry[]> {
  try {
    return await readMachineEntries(aptDirectory);
  } catch (thrown) {
    if (thrown instanceof DhiError) throw thrown.within({ origin: "packages", hint: "Fix it, or set packageSources" });
    throw new DhiError("unavailable", `apt's sources of this machine cannot be read: ${asError(thrown).message}`, {
      origin: "packages",
      hint: "Make them readable, or set packageSources",
      cause: thrown,
    });
  }
}
