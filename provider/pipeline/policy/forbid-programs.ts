import { toolOf as toolOfAlpine } from "../../packages/apk/tools.js";
import { toolOf as toolOfDebian } from "../../packages/deb/tools.js";
import type { RecordedPackage } from "../../packages/recorded-package.js";
import { isProgramPath, type ProgramKind } from "../../packages/root/programs.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import { isExecutable } from "../../rootfs/tree/executable.js";
import { displayPath } from "../../rootfs/tree/raw-path.js";
import type { Steps } from "../../rootfs/steps.js";
import { listed } from "./listed.js";
import type { Violation } from "./violation.js";

const rules = {
  shell: { rule: "forbidShell", hint: "Use a base without a shell, and leave out the packages and files that bring one" },
  "package manager": {
    rule: "forbidPackageManager",
    hint: "Use a base without a package manager, and leave out the packages and files that bring one",
  },
} as const;

/** Shells or package managers of the finished image, those of the base included: by the names of programs and of packages. */
export function* judgePrograms(tree: FileTree, packages: readonly RecordedPackage[], kind: ProgramKind): Steps<readonly Violation[]> {
  const paths: string[] = [];
  for (const [path] of tree.walk()) {
    yield;
    if (isProgramPath(path, kind) && isExecutableFile(tree, path)) paths.push(displayPath(path));
  }
  const names = packages.filter(({ type, name }) => (type === "deb" ? toolOfDebian : toolOfAlpine)(name) === kind).map(({ name }) => name);
  const found = [
    ...(paths.length === 0 ? [] : [listed(paths)]),
    ...(names.length === 0 ? [] : [`the ${names.length === 1 ? "package" : "packages"} ${listed(names)}`]),
  ];
  if (found.length === 0) return [];
  return [{ ...rules[kind], message: `the image has a ${kind}: ${found.join(", and ")}` }];
}

/** A file that can be run, or a link to one. */
function isExecutableFile(tree: FileTree, path: string): boolean {
  const end = tree.follow(path);
  const node = end === undefined ? undefined : tree.get(end);
  return node?.type === "file" && isExecutable(node);
}
