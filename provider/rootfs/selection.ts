import { DhiError } from "../errors.js";
import type { FileTree } from "./file-tree.js";
import { compileGlob, isGlob } from "./glob.js";
import type { FileNode, RawPath } from "./node.js";
import { displayPath, joinRaw, toRawPath } from "./raw-path.js";
import { trimEndOf } from "../trim.js";

export interface Selection {
  /** Parents before children. Directories on the way to what was included are not part of it. */
  readonly taken: readonly (readonly [RawPath, FileNode])[];
  /** Positions of excludes that hid nothing. */
  readonly uselessExcludes: readonly number[];
  /** What lies in a database that no include names; it was left out. */
  readonly leftOut: readonly RawPath[];
}

/** Files and folders that describe the image they are in, and would describe another one falsely. */
export const imageDatabases: readonly RawPath[] = [
  ...["passwd", "group", "shadow", "gshadow"].flatMap((name) => [`etc/${name}`, `etc/${name}-`]),
  "var/lib/dpkg",
  "lib/apk/db",
  "usr/lib/apk/db",
  "var/lib/rpm",
  "usr/lib/sysimage/rpm",
];

interface Matcher {
  readonly text: string;
  /** The one path that it names; undefined for a glob. */
  readonly literal: RawPath | undefined;
  readonly matches: (path: RawPath) => boolean;
}

/**
 * What includes and excludes take of a tree. Nothing is taken unless included; a path or a glob takes what it matches
 * and everything under it; excludes apply after includes. What lies in one of the `databases` is taken only by an include
 * that names it. Throws `DhiError` "not-found" with the property `includes[n]` when an include matches nothing.
 */
export function selectPaths(
  tree: FileTree,
  includes: readonly string[],
  excludes: readonly string[],
  databases: readonly RawPath[] = [],
): Selection {
  const including = includes.map((text) => makeMatcher(tree, text));
  const excluding = excludes.map((text) => makeMatcher(tree, text));
  const included = new Set<number>();
  const excluded = new Set<number>();
  const taken: (readonly [RawPath, FileNode])[] = [];
  const leftOut: RawPath[] = [];
  for (const [path, node] of tree.walk()) {
    const by = including.flatMap((matcher, at) => (matcher.matches(path) ? [at] : []));
    if (by.length === 0) continue;
    for (const at of by) included.add(at);
    const hidden = excluding.flatMap((matcher, at) => (matcher.matches(path) ? [at] : []));
    for (const at of hidden) excluded.add(at);
    if (hidden.length > 0) continue;
    const database = databases.find((root) => liesIn(path, root));
    if (database !== undefined && !by.some((at) => liesIn(including[at]?.literal, database))) {
      leftOut.push(path);
    } else {
      taken.push([path, node]);
    }
  }
  const missing = includes.findIndex((text, at) => !included.has(at) && !takesRoot(text));
  if (missing >= 0) {
    throw new DhiError("not-found", `"${includes[missing] ?? ""}" matches nothing${nearest(tree, including[missing])}`, {
      property: `includes[${String(missing)}]`,
      hint: "Name a path of the source, or a glob such as /opt/**",
    });
  }
  return { taken, uselessExcludes: [...excludes.keys()].filter((at) => !excluded.has(at)), leftOut };
}

function liesIn(path: RawPath | undefined, root: RawPath): boolean {
  return path === root || path?.startsWith(`${root}/`) === true;
}

function makeMatcher(tree: FileTree, text: string): Matcher {
  if (takesRoot(text)) return { text, literal: "", matches: () => true };
  if (!isGlob(text)) {
    const literal = resolveLiteral(tree, toRawPath(text));
    const below = `${literal}/`;
    return { text, literal, matches: (path) => path === literal || path.startsWith(below) };
  }
  const test = compileGlob(trimEndOf(text.replace(/^(?:\.?\/+)+/, ""), "/"));
  return { text, literal: undefined, matches: matchSelfOrParent(test) };
}

function takesRoot(text: string): boolean {
  return /^\/*$/.test(text) || text === ".";
}

/** A path is taken when it or a directory above it matches; parents are asked once. */
function matchSelfOrParent(test: (path: string) => boolean): (path: RawPath) => boolean {
  let matched: RawPath | undefined;
  return (path) => {
    if (matched !== undefined && path.startsWith(matched)) return true;
    const text = /^[\u0000-\u007f]*$/.test(path) ? path : Buffer.from(path, "latin1").toString("utf8");
    const found = test(text);
    if (found) matched = `${path}/`;
    return found;
  };
}

/** `/lib/x` names `/usr/lib/x` where `/lib` is a link. */
function resolveLiteral(tree: FileTree, path: RawPath): RawPath {
  if (tree.get(path) !== undefined) return path;
  try {
    return tree.resolve(path);
  } catch (thrown) {
    if (thrown instanceof DhiError) return path;
    throw thrown;
  }
}

function nearest(tree: FileTree, matcher: Matcher | undefined): string {
  const parts = (matcher?.literal ?? "").split("/");
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
