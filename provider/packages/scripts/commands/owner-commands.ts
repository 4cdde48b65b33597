import type { RootEditor } from "../../root/root-editor.js";
import type { FileNode, RawPath } from "../../../rootfs/tree/node.js";
import type { AccountBook } from "../account-book.js";
import { rawPath, rawPaths } from "./command-paths.js";
import { capabilityXattr } from "./file-capabilities.js";
import { changeMode } from "./file-mode.js";
import { parseOptions } from "./options.js";
import { changeAll, readOwners } from "./ownership.js";
import { done, failed, type CommandModel, type CommandResult } from "../script-host.js";

const capabilityKey = "SCHILY.xattr.security.capability";

/** chown(1), chgrp(1), chmod(1), setcap(8), getcap(8) and stat(1). */
export function ownerCommands(editor: RootEditor, book: AccountBook): Readonly<Record<string, CommandModel>> {
  const everywhere = (paths: readonly RawPath[], recursive: boolean): readonly RawPath[] =>
    paths.flatMap((path) => {
      const real = editor.tree.follow(path);
      if (!recursive || real === undefined) return [path];
      const below = [...editor.tree.walk(real)];
      editor.spend(20 * below.length);
      return [path, ...below.filter(([, node]) => node.type !== "symlink").map(([below]) => below)];
    });
  const chown: CommandModel = (args) => {
    const options = parseOptions(args, [], ["R", "recursive", "f", "silent", "quiet", "v", "c", "h", "no-dereference"]);
    const [who = "", ...rest] = options?.rest ?? [];
    const paths = rawPaths(rest);
    if (options === undefined || paths === undefined) return undefined;
    const change = readOwners(book, who);
    // chown clears setuid and setgid (chown(2)).
    const cleared = (node: FileNode): FileNode["mode"] =>
      node.type === "file" ? node.mode & ((node.mode & 0o10) === 0 ? 0o3777 : 0o1777) : node.mode;
    if (change === undefined) return undefined;
    const recursive = options.values.has("R") || options.values.has("recursive");
    return changeAll(editor, everywhere(paths, recursive), (node) => ({ ...change, mode: cleared(node) }));
  };

  const chmod: CommandModel = (args) => {
    const split = args.findIndex((arg) => !/^-[RfvcR]+$|^--(?:recursive|quiet|silent)$/.test(arg));
    const recursive = args.slice(0, split).some((arg) => /R|recursive/.test(arg));
    const [mode = "", ...rest] = args.slice(split);
    const paths = rawPaths(rest);
    if (paths === undefined || changeMode(mode, 0, false) === undefined) return undefined;
    return changeAll(editor, everywhere(paths, recursive), (node) => ({
      mode: changeMode(mode, node.mode, node.type === "directory") ?? node.mode,
    }));
  };

  const dropCapabilities = (path: RawPath): CommandResult => {
    const node = editor.node(path);
    const { [capabilityKey]: old, ...pax } = node?.pax ?? {};
    if (old !== undefined) editor.change(path, { pax });
    return old === undefined ? failed : done;
  };

  const setcap: CommandModel = (args) => {
    if (args[0] === "-r") return rawPath(args[1]) === undefined ? undefined : dropCapabilities(rawPath(args[1]) ?? "");
    const [capabilities = "", file, ...more] = args.filter((arg) => arg !== "-q" && arg !== "--");
    const path = rawPath(file);
    const node = path === undefined ? undefined : editor.node(path);
    const value = capabilityXattr(capabilities);
    if (path === undefined || more.length > 0 || value === undefined) return undefined;
    if (node === undefined) return failed;
    editor.change(path, { pax: { ...node.pax, [capabilityKey]: value } });
    return done;
  };

  const stat: CommandModel = (args) => {
    const options = parseOptions(args, ["c", "format", "printf"], ["L", "dereference"]);
    const path = rawPath(options?.rest[0]);
    const node = path === undefined ? undefined : options?.values.has("L") === true ? editor.node(path) : editor.ownNode(path);
    const format = options?.values.get("c") ?? options?.values.get("format");
    if (path === undefined || format === undefined || !/^(?:[^%]|%[augUG])*$/.test(format)) return undefined;
    if (node === undefined) return failed;
    const fields: Readonly<Record<string, string>> = {
      "%a": node.mode.toString(8),
      "%u": String(node.uid),
      "%g": String(node.gid),
      "%U": book.user(String(node.uid))?.name ?? "UNKNOWN",
      "%G": book.group(String(node.gid))?.name ?? "UNKNOWN",
    };
    return { status: 0, output: `${format.replace(/%[augUG]/g, (field) => fields[field] ?? "")}\n` };
  };

  const getcap: CommandModel = ([only]) => {
    const path = rawPath(only);
    if (path === undefined) return undefined;
    return { status: 0, output: editor.node(path)?.pax[capabilityKey] === undefined ? "" : `${only ?? ""} cap\n` };
  };

  return {
    chown,
    chgrp: (args) => {
      const at = args.findIndex((arg) => !arg.startsWith("-"));
      return chown(args.map((arg, index) => (index === at ? `:${arg}` : arg)));
    },
    chmod,
    setcap,
    getcap,
    stat,
  };
}
