import { DhiError } from "../../errors.js";
import type { FileTree } from "../tree/file-tree.js";
import type { FileNode, RawPath } from "../tree/node.js";
import type { PathPattern } from "./path-pattern.js";
import { PathRules, resolveRule, type PathRule } from "./path-rules.js";
import { displayPath, joinRaw } from "../tree/raw-path.js";
import type { Steps } from "../steps.js";

export interface Selection {
  /** Parents before children. Directories above an included path are not part of it. */
  readonly taken: readonly (readonly [RawPath, FileNode])[];
  /** Indexes of excludes that hid nothing. */
  readonly uselessExcludes: readonly number[];
  /** Paths in a database that no include names; they were left out. */
  readonly leftOut: readonly RawPath[];
}

/** Files and folders that describe their own image and would be wrong in another one. */
export const imageDatabases: readonly RawPath[] = [
  ...["passwd", "group", "shadow", "gshadow"].flatMap((name) => [`etc/${name}`, `etc/${name}-`]),
  "var/lib/dpkg",
  "lib/apk/db",
  "usr/lib/apk/db",
  "var/lib/rpm",
  "usr/lib/sysimage/rpm",
];

/** What includes and excludes say about a path and its parents. */
interface PathState {
  readonly above: PathState | undefined;
  readonly included: boolean;
  readonly excluded: boolean;
  /** Whether an include names it, or one of its parents, within a database. */
  readonly named: boolean;
  /** Excludes that match here; they count as used once they hide something included. */
  readonly hiddenBy: readonly number[];
  counted: boolean;
  /** Globs to try for the children of this directory. */
  readonly includeGlobs: readonly number[];
  readonly excludeGlobs: readonly number[];
}

/**
 * Selects paths of a tree by includes and excludes. Nothing is taken unless included; a path or a glob takes what it matches
 * and everything below it; excludes apply after includes. Anything in one of the `databases` is taken only by an include
 * that names it. Throws `DhiError` "not-found" with the property `includes[n]` when an include matches nothing.
 */
export function* selectPaths(
  tree: FileTree,
  includes: readonly PathPattern[],
  excludes: readonly PathPattern[],
  databases: readonly RawPath[] = [],
): Steps<Selection> {
  const rules = includes.map((pattern) => resolveRule(tree, pattern));
  const walked = new WalkedRules(new PathRules(rules), new PathRules(excludes.map((pattern) => resolveRule(tree, pattern))), databases);
  const taken: (readonly [RawPath, FileNode])[] = [];
  const leftOut: RawPath[] = [];
  const open = [{ below: "", state: walked.enter(undefined, "") }];
  for (const [path, node] of tree.walk()) {
    yield;
    while (open.length > 1 && !path.startsWith(open.at(-1)?.below ?? "")) open.pop();
    const state = walked.enter(open.at(-1)?.state, path);
    if (node.type === "directory") open.push({ below: `${path}/`, state });
    if (!state.included) continue;
    walked.markHiding(state);
    if (state.excluded) continue;
    if (!state.named && databases.some((root) => liesIn(path, root))) leftOut.push(path);
    else taken.push([path, node]);
  }
  const { including, excluding } = walked;
  const missing = includes.findIndex(({ kind }, at) => !including.used.has(at) && kind !== "root");
  if (missing >= 0) {
    throw new DhiError("not-found", `"${includes[missing]?.text ?? ""}" matches nothing${nearest(tree, rules[missing])}`, {
      property: `includes[${String(missing)}]`,
      hint: "Name a path of the source, or a glob such as /opt/**",
    });
  }
  return { taken, uselessExcludes: [...excludes.keys()].filter((at) => !excluding.used.has(at)), leftOut };
}

/** Includes and excludes while a tree is walked: rules that match a directory are not tried again for its children. */
class WalkedRules {
  readonly including: PathRules;
  readonly excluding: PathRules;
  readonly #databases: readonly RawPath[];

  constructor(including: PathRules, excluding: PathRules, databases: readonly RawPath[]) {
    this.including = including;
    this.excluding = excluding;
    this.#databases = databases;
  }

  enter(above: PathState | undefined, path: RawPath): PathState {
    const { including, excluding } = this;
    const text = asText(path);
    const named = including.literals(path);
    const wasIncluded = above?.included === true || named.length > 0;
    const globs = including.matching(above?.includeGlobs ?? [], text, wasIncluded);
    for (const at of [...named, ...globs]) including.used.add(at);
    const included = wasIncluded || globs.length > 0;
    const hidden = excluding.literals(path);
    const wasExcluded = above?.excluded === true || hidden.length > 0;
    const hiding = included ? excluding.matching(above?.excludeGlobs ?? [], text, wasExcluded) : [];
    return {
      above,
      included,
      excluded: wasExcluded || hiding.length > 0,
      named: this.#databases.some((root) => liesIn(path, root)) && (above?.named === true || named.length > 0),
      hiddenBy: [...hidden, ...hiding],
      counted: false,
      includeGlobs: including.globsIn(path, above?.includeGlobs ?? []),
      excludeGlobs: excluding.globsIn(path, above?.excludeGlobs ?? []),
    };
  }

  markHiding(state: PathState): void {
    for (let at: PathState | undefined = state; at !== undefined && !at.counted; at = at.above) {
      for (const exclude of at.hiddenBy) this.excluding.used.add(exclude);
      at.counted = true;
    }
  }
}

function liesIn(path: RawPath, root: RawPath): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function asText(path: RawPath): string {
  return /^[\u0000-\u007f]*$/.test(path) ? path : Buffer.from(path, "latin1").toString("utf8");
}

function nearest(tree: FileTree, rule: PathRule | undefined): string {
  const parts = (rule?.literal ?? "").split("/");
  for (let length = parts.length - 1; length > 0; length--) {
    const parent = parts.slice(0, length).join("/");
    if (tree.get(parent) === undefined) continue;
    const names = tree
      .list(parent)
      .slice(0, 5)
      .map((name) => displayPath(joinRaw(parent, name)));
    return names.length === 0
      ? `; ${displayPath(parent)} is empty`
      : `; ${displayPath(parent)} holds ${names.join(", ")}${names.length === 5 ? " …" : ""}`;
  }
  return "";
}
