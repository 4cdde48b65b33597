import { DhiError } from "../../errors.js";
import { redact } from "../../text/redaction.js";
import type { FileNode, RawPath } from "./node.js";
import { displayPath, joinRaw } from "./raw-path.js";
import { beyondLimit, MAX_LINK_PARTS, MAX_PATH } from "../tar/limits.js";

/** A directory with its names. Shared by the forks of a tree until one of them writes to it. */
interface Directory {
  readonly owner: symbol;
  node: FileNode;
  readonly children: Map<string, Directory | FileNode>;
}

/** The root of an image that has no entry for it. */
export const defaultDirectory: FileNode = { type: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0, nanoseconds: 0, pax: {} };

const maximumLinks = 40;
/**
 * What a root file system holds: paths to nodes. Hard links are names that share one node. A fork sees what its
 * original held at the time, and costs nothing until it is written to.
 */
export class FileTree {
  #owner = Symbol("tree");
  #root: Directory;
  /** Parts of link targets that have been followed. */
  #linkParts = 0;

  constructor() {
    this.#root = { owner: this.#owner, node: defaultDirectory, children: new Map() };
  }

  fork(): FileTree {
    const copy = new FileTree();
    copy.#root = this.#root;
    this.#owner = Symbol("tree");
    return copy;
  }

  /** The node at exactly this path; symlinks are not followed. */
  get(path: RawPath): FileNode | undefined {
    const found = this.#find(path);
    return found === undefined ? undefined : nodeOf(found);
  }

  /** Names in a directory, sorted; empty for anything else. */
  list(path: RawPath): readonly string[] {
    const found = this.#find(path);
    return found !== undefined && isDirectory(found) ? sortedNames(found) : [];
  }

  /** Whether a directory has any entries. */
  hasChildren(path: RawPath): boolean {
    const found = this.#find(path);
    return found !== undefined && isDirectory(found) && found.children.size > 0;
  }

  /** Every path below `path` with its node, parents before children, in byte order within a directory; without the root. */
  *walk(path: RawPath = ""): Generator<readonly [RawPath, FileNode]> {
    const found = this.#find(path);
    if (found !== undefined && isDirectory(found)) yield* walkDirectory(found, path);
  }

  /**
   * Puts a node at a path whose parent is a directory. An existing directory keeps its children and takes the new
   * node's attributes; anything else is replaced, with everything below it.
   */
  set(path: RawPath, node: FileNode): void {
    if (path === "") {
      this.#writable("").node = node;
      return;
    }
    const { parent, name } = splitPath(path);
    const directory = this.#writable(parent);
    const old = directory.children.get(name);
    if (node.type !== "directory") directory.children.set(name, node);
    else if (old !== undefined && isDirectory(old)) this.#writable(path).node = node;
    else directory.children.set(name, { owner: this.#owner, node, children: new Map() });
  }

  /** Creates the missing directories above a path and returns how many. Throws `DhiError` "conflict" where one is a file. */
  makeParents(path: RawPath): number {
    let made = 0;
    let here = (this.#root = this.#own(this.#root));
    for (let start = 0, slash = path.indexOf("/"); slash >= 0; start = slash + 1, slash = path.indexOf("/", start)) {
      const name = path.slice(start, slash);
      const next = here.children.get(name);
      if (next !== undefined && !isDirectory(next))
        throw new DhiError("conflict", `${displayPath(path.slice(0, slash))} is not a directory`);
      const own = next === undefined ? { owner: this.#owner, node: defaultDirectory, children: new Map() } : this.#own(next);
      if (own !== next) here.children.set(name, own);
      if (next === undefined) made += 1;
      here = own;
    }
    return made;
  }

  /** Removes a path and everything below it. */
  remove(path: RawPath): void {
    const { parent, name } = splitPath(path);
    if (this.#find(path) !== undefined) this.#writable(parent).children.delete(name);
  }

  /** Empties a directory. */
  clear(path: RawPath): void {
    const found = this.#find(path);
    if (found !== undefined && isDirectory(found)) this.#writable(path).children.clear();
  }

  /**
   * The path that `path` resolves to: symlinks in its parents are followed within the root, the last part is not.
   * What does not exist yet is kept as written. Throws `DhiError` "invalid" on a loop of links, "conflict" when a
   * parent is not a directory, "limit" when links lead to a path that is too long, or are too many to follow.
   */
  resolve(path: RawPath): RawPath {
    const { parent, name } = splitPath(path);
    const directory = this.#follow(parent, path);
    const found = this.get(directory);
    if (found !== undefined && found.type !== "directory") {
      throw new DhiError(
        "conflict",
        `${displayPath(path)} cannot be placed: ${displayPath(directory)} is a ${found.type}, not a directory`,
        { hint: "Choose another path, or exclude it" },
      );
    }
    const real = withinLimit(joinRaw(directory, name), path);
    // The caller's own string where possible: paths are kept by the hundred thousand.
    return real === path ? path : real;
  }

  /** What `path` resolves to when the last part is followed too; undefined when a link dangles, loops or goes through a file. */
  follow(path: RawPath): RawPath | undefined {
    try {
      const end = this.#follow(path, path);
      return this.get(end) === undefined ? undefined : end;
    } catch (thrown) {
      if (thrown instanceof DhiError && thrown.code !== "limit") return undefined;
      throw thrown;
    }
  }

  #follow(path: RawPath, wanted: RawPath): RawPath {
    const pending = path.split("/").reverse();
    const above: (Directory | FileNode | undefined)[] = [];
    let links = 0;
    let here = "";
    let found: Directory | FileNode | undefined = this.#root;
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      if (links > 0) this.#countLinkPart();
      if (part === "" || part === ".") continue;
      if (found !== undefined && !isDirectory(found)) {
        const blocker = `${displayPath(here)} is a ${found.type}, not a directory`;
        throw new DhiError("conflict", `${displayPath(wanted)} cannot be reached: ${blocker}`);
      }
      if (part === "..") {
        here = splitPath(here).parent;
        found = above.pop() ?? this.#root;
        continue;
      }
      const child: Directory | FileNode | undefined = found?.children.get(part);
      const next = joinRaw(here, part);
      if (child === undefined || isDirectory(child) || child.type !== "symlink") {
        here = withinLimit(next, wanted);
        above.push(found);
        found = child;
        continue;
      }
      if (++links > maximumLinks) {
        throw new DhiError("invalid", `${displayPath(wanted)} goes through a loop of symbolic links at ${displayPath(next)}`);
      }
      const target = child.target ?? "";
      if (target.startsWith("/")) {
        here = "";
        above.length = 0;
        found = this.#root;
      }
      for (const targetPart of target.split("/").reverse()) pending.push(targetPart);
    }
    return here;
  }

  #countLinkPart(): void {
    if (++this.#linkParts > MAX_LINK_PARTS) throw beyondLimit("the symbolic links lead through too many path components", MAX_LINK_PARTS);
  }

  #find(path: RawPath): Directory | FileNode | undefined {
    let here: Directory | FileNode | undefined = this.#root;
    if (path === "") return here;
    // Without allocating a list of the parts: this is called for every file of every package, several times.
    for (let start = 0; start <= path.length;) {
      if (here === undefined || !isDirectory(here)) return undefined;
      const slash = path.indexOf("/", start);
      const end = slash < 0 ? path.length : slash;
      here = here.children.get(path.slice(start, end));
      start = end + 1;
    }
    return here;
  }

  /** The directory at `path`, copied into this tree together with its parents if they are shared. */
  #writable(path: RawPath): Directory {
    this.#root = this.#own(this.#root);
    let here = this.#root;
    if (path === "") return here;
    for (const part of path.split("/")) {
      const next = here.children.get(part);
      if (next === undefined || !isDirectory(next)) {
        throw new DhiError("conflict", `${displayPath(path)} is not a directory`);
      }
      const own = this.#own(next);
      if (own !== next) here.children.set(part, own);
      here = own;
    }
    return here;
  }

  #own(directory: Directory): Directory {
    return directory.owner === this.#owner
      ? directory
      : { owner: this.#owner, node: directory.node, children: new Map(directory.children) };
  }
}

function* walkDirectory(from: Directory, path: RawPath): Generator<readonly [RawPath, FileNode]> {
  const open = [{ directory: from, path, names: sortedNames(from), at: 0 }];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const name = top.names[top.at++];
    if (name === undefined) {
      open.pop();
      continue;
    }
    const child = top.directory.children.get(name);
    if (child === undefined) continue;
    const childPath = joinRaw(top.path, name);
    yield [childPath, nodeOf(child)];
    if (isDirectory(child)) open.push({ directory: child, path: childPath, names: sortedNames(child), at: 0 });
  }
}

function sortedNames({ children }: Directory): readonly string[] {
  return [...children.keys()].sort();
}

function withinLimit(path: RawPath, wanted: RawPath): RawPath {
  if (path.length <= MAX_PATH) return path;
  throw beyondLimit(
    `${displayPath(redact(wanted).slice(0, 80))} resolves through links to a path of ${String(path.length)} bytes`,
    MAX_PATH,
  );
}

function isDirectory(found: Directory | FileNode): found is Directory {
  return "children" in found;
}

function nodeOf(found: Directory | FileNode): FileNode {
  return isDirectory(found) ? found.node : found;
}

function splitPath(path: RawPath): { readonly parent: RawPath; readonly name: string } {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? { parent: "", name: path } : { parent: path.slice(0, slash), name: path.slice(slash + 1) };
}
