import type { RootEditor } from "../../root/root-editor.js";
import { emptyFile } from "../../root/root-editor.js";
import type { FileNode, RawPath } from "../../../rootfs/tree/node.js";
import { baseNameOf, joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { AccountBook } from "../account-book.js";
import { rawPath, rawPaths } from "./command-paths.js";
import { changeMode } from "./file-mode.js";
import { parseOptions } from "./options.js";
import { changeAll, readOwners } from "./ownership.js";
import { done, failed, unknown, type CommandModel, type CommandResult } from "../script-host.js";

/** Commands of coreutils that create, move and remove files. */
export function fileCommands(editor: RootEditor, book: AccountBook): Readonly<Record<string, CommandModel>> {
  let mask = 0o022;
  const umask: CommandModel = ([text]) => {
    if (text !== undefined && /^[0-7]+$/.test(text)) mask = parseInt(text, 8);
    return done;
  };

  const makeDirectories = (
    paths: readonly RawPath[],
    mode: number,
    parents: boolean,
    owner: { uid?: number; gid?: number } = {},
  ): CommandResult => {
    for (const path of paths) {
      if (!parents && editor.node(path) !== undefined) return failed;
      editor.makeDirectory(path, { mode, ...owner });
    }
    return done;
  };

  const mkdir: CommandModel = (args) => {
    const options = parseOptions(args, ["m", "mode"], ["p", "parents", "v", "Z"]);
    const paths = rawPaths(options?.rest ?? []);
    const mode = changeMode(options?.values.get("m") ?? options?.values.get("mode") ?? (0o777 & ~mask).toString(8), 0o777, true);
    if (options === undefined || paths === undefined || mode === undefined) return undefined;
    return makeDirectories(paths, mode, options.values.has("p") || options.values.has("parents"));
  };

  const install: CommandModel = (args) => {
    const options = parseOptions(args, ["m", "mode", "o", "owner", "g", "group"], ["d", "directory", "D", "p", "v", "Z", "c", "T"]);
    const paths = rawPaths(options?.rest ?? []);
    if (options === undefined || paths === undefined) return undefined;
    const value = (short: string, long: string): string | undefined => options.values.get(short) ?? options.values.get(long);
    const owner = readOwners(book, `${value("o", "owner") ?? ""}:${value("g", "group") ?? ""}`);
    const mode = changeMode(value("m", "mode") ?? "755", 0, true);
    if (owner === undefined || mode === undefined) return undefined;
    if (value("d", "directory") !== undefined) {
      makeDirectories(paths, mode, true, owner);
      return changeAll(editor, paths, () => ({ mode, ...owner }));
    }
    const [from, to, ...more] = paths;
    if (from === undefined || to === undefined || more.length > 0) return undefined;
    return copy(from, to, (node) => ({ ...node, mode, uid: owner.uid ?? 0, gid: owner.gid ?? 0 }), true);
  };

  const into = (to: RawPath, from: RawPath): RawPath => (editor.node(to)?.type === "directory" ? joinRaw(to, baseNameOf(from)) : to);

  const copy = (from: RawPath, to: RawPath, change: (node: FileNode) => FileNode, follow: boolean): CommandResult | undefined => {
    const node = from === "dev/null" ? emptyFile : follow ? editor.node(from) : editor.ownNode(from);
    if (node === undefined) return failed;
    if (node.type === "directory") return undefined;
    editor.put(into(to, from), change(node));
    return done;
  };

  const cp: CommandModel = (args) => {
    const options = parseOptions(
      args,
      ["preserve"],
      ["p", "a", "f", "d", "v", "n", "r", "R", "recursive", "P", "Z", "T", "u", "no-clobber", "archive", "force"],
    );
    const paths = rawPaths(options?.rest ?? []);
    const [from, to, ...more] = paths ?? [];
    if (options === undefined || from === undefined || to === undefined || more.length > 0) return undefined;
    if ((options.values.has("n") || options.values.has("no-clobber")) && editor.node(into(to, from)) !== undefined) return done;
    const wholly = ["r", "R", "a", "recursive", "archive"].some((name) => options.values.has(name));
    const keeps = ["p", "a", "archive", "preserve"].some((name) => options.values.has(name));
    const follow = !["a", "d", "P", "archive"].some((name) => options.values.has(name));
    const made = (node: FileNode): FileNode =>
      keeps ? node : { ...node, mode: node.mode & 0o755, uid: 0, gid: 0, mtime: 0, nanoseconds: 0, pax: {} };
    const real = editor.tree.follow(from);
    if (!wholly || real === undefined || editor.tree.get(real)?.type !== "directory") return copy(from, to, made, follow && !wholly);
    const target = into(to, from);
    // Listed before copying: the target may be below the source.
    const all = [...editor.tree.walk(real)];
    editor.spend(20 * all.length);
    for (const [path, node] of all) {
      const place = `${target}${path.slice(real.length)}`;
      if (node.type !== "directory" || editor.node(place) === undefined) editor.put(place, made(node));
    }
    return done;
  };

  const mv: CommandModel = (args) => {
    const options = parseOptions(args, [], ["f", "v", "n", "T", "force", "no-clobber", "no-target-directory"]);
    const [from, to, ...more] = rawPaths(options?.rest ?? []) ?? [];
    if (options === undefined || from === undefined || to === undefined || more.length > 0) return undefined;
    const node = editor.ownNode(from);
    if (node === undefined) return failed;
    if (node.type === "directory") return undefined;
    editor.put(into(to, from), node);
    editor.remove(from);
    return done;
  };

  const rm: CommandModel = (args) => {
    const options = parseOptions(args, [], ["f", "r", "R", "v", "force", "recursive"]);
    const paths = options?.rest.length === 0 ? [] : rawPaths(options?.rest ?? []);
    if (options === undefined || paths === undefined) return undefined;
    const there = paths.filter((path) => editor.ownNode(path) !== undefined);
    const recursive = ["r", "R", "recursive"].some((name) => options.values.has(name));
    if (!recursive && there.some((path) => editor.ownNode(path)?.type === "directory")) return failed;
    there.forEach((path) => editor.remove(path));
    return there.length === paths.length || options.values.has("f") || options.values.has("force") ? done : failed;
  };

  const ln: CommandModel = (args) => {
    const options = parseOptions(args, [], ["s", "f", "n", "T", "v", "symbolic", "force", "no-dereference", "no-target-directory"]);
    const [target, link, ...more] = options?.rest ?? [];
    const path = rawPath(link);
    if (options === undefined || target === undefined || path === undefined || more.length > 0) return undefined;
    if (!options.values.has("s") && !options.values.has("symbolic")) return undefined;
    const inside = !["n", "T", "no-dereference", "no-target-directory"].some((name) => options.values.has(name));
    const place = inside ? into(path, target) : path;
    const forced = options.values.has("f") || options.values.has("force");
    if (editor.ownNode(place) !== undefined && !forced) return failed;
    editor.link(place, target);
    return done;
  };

  const touch: CommandModel = (args) => {
    const options = parseOptions(args, ["r", "reference", "d", "date"], ["h", "no-dereference", "c", "a", "m"]);
    const paths = rawPaths(options?.rest ?? []);
    if (paths === undefined) return undefined;
    if (options?.values.has("c") === true) return done;
    for (const path of paths) if (editor.node(path) === undefined) editor.put(path, { ...emptyFile, mode: 0o666 & ~mask });
    return done;
  };

  const readlink: CommandModel = (args) => {
    const path = rawPath(args.at(-1));
    const canonical = args.length === 2 && /^-[fe]$/.test(args[0] ?? "");
    if (path === undefined || (args.length > 1 && !canonical)) return undefined;
    if (canonical) {
      const real = editor.tree.follow(path);
      return real === undefined ? unknown : { status: 0, output: `/${real}\n` };
    }
    const target = editor.ownNode(path)?.target;
    return target === undefined ? failed : { status: 0, output: `${target}\n` };
  };

  const rmdir: CommandModel = (args) => {
    const paths = rawPaths(args.filter((arg) => !arg.startsWith("-")));
    if (paths === undefined) return undefined;
    const empty = paths.filter((path) => editor.ownNode(path)?.type === "directory" && editor.tree.list(path).length === 0);
    empty.forEach((path) => editor.remove(path));
    return empty.length === paths.length ? done : failed;
  };

  return { umask, mkdir, install, cp, mv, rm, rmdir, ln, touch, readlink };
}
