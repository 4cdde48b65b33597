import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PackageNotice } from "../../../../provider/packages/packages.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { apkOptions, installOurs, runInRoot, stepsIn, type Repositories } from "../../../support/apk-root/root.js";
import { expect } from "../../../support/expectations.js";
import { runBundle } from "../../../support/images/container.js";
import { compareRoots, type RootDifference } from "../../../support/packages/compare-roots.js";
import type { Tars } from "../../../support/packages/debian-root.js";
import { run } from "../../../support/tar/tools.js";
import { differences, type Difference } from "./install-differences.js";

export interface Stage {
  /** The folder for everything that is made. */
  readonly folder: string;
  /** A root on disk, and the same as the provider reads it. */
  readonly base: string;
  readonly tree: FileTree;
  readonly tars: Tars;
  readonly repositories: Repositories;
  /** Rows of the table that were needed. */
  readonly used: Set<Difference>;
}

export interface Installed {
  readonly notices: readonly string[];
  readonly theirs: string;
  readonly ours: string;
  /** What a command prints in ours, `$X` standing for apk's options: in theirs it is the same, and the roots are the same after it. */
  readonly both: (command: string) => string;
  /** What a container of our image prints. */
  readonly runInContainer: (script: string) => Promise<string>;
  readonly remove: () => void;
}

/**
 * Lets apk install into one copy of the base and the provider into another, and compares them but for the rows of the table. `command`: `add`
 * what is requested, or `upgrade` the base.
 */
export async function installBoth(
  stage: Stage,
  label: string,
  requested: readonly string[],
  command: "add" | "upgrade" = "add",
): Promise<Installed> {
  const { base, tree, tars, repositories } = stage;
  const own = join(stage.folder, label);
  const [theirs, ours] = [join(own, "theirs"), join(own, "rootfs")];
  mkdirSync(own);
  for (const root of [theirs, ours]) run("cp", ["-a", base, root]);
  const output = runInRoot(theirs, repositories, `apk ${command} ${apkOptions(repositories)} ${requested.join(" ")}`);
  const notices = await installOurs({ root: ours, base: tree, repositories, requested, steps: stepsIn(output), folder: own, tars });
  expect(unlisted(theirs, ours, stage.used), label).to.deep.equal([]);
  return {
    notices: told(notices),
    theirs,
    ours,
    both: (command) => {
      const [printed, expected] = [ours, theirs].map((root) =>
        runInRoot(root, repositories, command.replaceAll("$X", apkOptions(repositories))),
      );
      expect(printed, command).to.equal(expected);
      expect(unlisted(theirs, ours, stage.used), command).to.deep.equal([]);
      return printed ?? "";
    },
    runInContainer: async (script) => {
      if (!existsSync(join(own, "config.json"))) run("runc", ["spec", "--bundle", own]);
      return runBundle(own, ["sh", "-c", script]);
    },
    remove: () => {
      rmSync(own, { recursive: true, force: true });
    },
  };
}

/** Differences that no row of the table explains. */
export function unlisted(theirs: string, ours: string, used: Set<Difference>): readonly RootDifference[] {
  const withoutContent = (text: string | undefined): string | undefined => text?.replace(/ [0-9a-f]{64}/, "");
  const isListed = ({ path, theirs: left, ours: right }: RootDifference): boolean => {
    const row = differences.find((one) => one.path.test(path));
    if (row === undefined) return false;
    used.add(row);
    if (row.alike === undefined) return true;
    const [expected, found] = [theirs, ours].map((root) => row.alike?.(readFileSync(join(root, path), "latin1")));
    return withoutContent(left) === withoutContent(right) && expected === found;
  };
  return compareRoots(theirs, ours).filter((difference) => !isListed(difference));
}

export function told(notices: readonly PackageNotice[]): readonly string[] {
  return notices.map(({ kind, message }) => `${kind}: ${message}`);
}
