import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { defaultPriority } from "../../../provider/packages/deb/resolve/candidates.js";
import type { Archive } from "../../../provider/packages/deb/resolve/candidates.js";
import { PackageIndex } from "../../../provider/packages/deb/archive/package-index.js";

const run = promisify(execFile);
const fields = ["FILENAME", "REPO_URI", "RELEASE", "COMPONENT", "ORIGIN", "CODENAME"];
/** What `readTargets` reads, for `apt-get indextargets`. */
export const listFields = fields.map((field) => `$(${field})`).join("|");

/** A package index that the machine's apt has, of the distribution's own archives. */
export interface AptList {
  readonly file: string;
  readonly url: string;
  readonly suite: string;
  readonly component: string;
}

/** The lists that the machine's apt has for the release that it runs; those of third parties are left out. */
export async function findAptLists(codename: string): Promise<readonly AptList[]> {
  const { stdout } = await run("apt-get", ["indextargets", "--format", listFields, "Created-By: Packages"]);
  return readTargets(stdout, ([, , suite, , origin, own]) => {
    return origin === "Debian" && own?.startsWith(codename) === true && suite?.endsWith("-backports") === false;
  });
}

export function readTargets(text: string, isWanted: (fields: readonly string[]) => boolean = () => true): readonly AptList[] {
  return text
    .split("\n")
    .map((line) => line.split("|"))
    .filter((found) => found.length === fields.length && isWanted(found))
    .map(([file = "", url = "", suite = "", component = ""]) => ({ file, url, suite, component }));
}

/** The text of a list, however apt has compressed it. */
export async function readAptList({ file }: AptList): Promise<Buffer> {
  const { stdout } = await run("/usr/lib/apt/apt-helper", ["cat-file", file], { encoding: "buffer", maxBuffer: 2 ** 30 });
  return stdout;
}

export async function openArchives(lists: readonly AptList[]): Promise<readonly Archive[]> {
  const archives: Archive[] = [];
  for (const list of lists) {
    const { url, suite, component } = list;
    archives.push({
      index: PackageIndex.scan(await readAptList(list), `${suite} ${component}`),
      source: { url, suites: [suite], components: [component], keys: [], allowUnsigned: false, origin: "machine" },
      priority: defaultPriority({}),
    });
  }
  return archives;
}
