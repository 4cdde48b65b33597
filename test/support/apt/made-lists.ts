import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { releaseText } from "../archives/archive.js";
import type { AptList } from "./lists.js";

interface MadeSuite {
  readonly suite: string;
  /** The text of its Packages file. */
  readonly packages: string;
  /** More fields of its Release file. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** Writes what apt's state has of suites of an archive, as though it had fetched them, into a folder. */
export function writeAptLists(suites: readonly MadeSuite[], folder: string): readonly AptList[] {
  return suites.map(({ suite, packages, fields = {} }) => {
    const bytes = Buffer.from(packages, "latin1");
    const name = `made.example_debian_dists_${suite}`;
    const file = join(folder, `${name}_main_binary-amd64_Packages`);
    const spec = { suite, packages: { main: [] }, keys: [], fields, byHash: false };
    writeFileSync(file, bytes);
    writeFileSync(join(folder, `${name}_InRelease`), releaseText(spec, ["amd64"], new Map([["main/binary-amd64/Packages", bytes]])));
    return { file, url: "http://made.example/debian/", suite, component: "main" };
  });
}
