import { createHash } from "node:crypto";
import type { RootEditor } from "../../root/root-editor.js";
import { rawPath } from "../../scripts/commands/command-paths.js";
import { parseOptions } from "../../scripts/commands/options.js";
import { done, failed, type CommandModel } from "../../scripts/script-host.js";

const folder = "var/lib/ucf";
/** Smaller files are kept for a three-way merge (ucf, replace_md5sum). */
const cachedBelow = 25_600;

/** ucf(1) and ucfr(1): configuration files that packages copy into place, with their checksums and owners. */
export function ucfCommands(editor: RootEditor): Readonly<Record<string, CommandModel>> {
  const isThere = (): boolean => editor.node("usr/bin/ucf") !== undefined;
  const replaceLine = (file: string, path: string, line: string | undefined): void => {
    const lines = (editor.text(`${folder}/${file}`) ?? "").split("\n").filter((old) => old !== "" && old.replace(/^\S+\s+/, "") !== path);
    editor.write(`${folder}/${file}`, [...lines, ...(line === undefined ? [] : [line])].map((text) => `${text}\n`).join(""));
  };

  const ucf: CommandModel = (args) => {
    const options = parseOptions(args, ["sum-file", "src-dir", "sum-dir", "state-dir"], ["three-way", "debconf-ok", "purge", "p", "v"]);
    const [source, target, ...more] = options?.rest ?? [];
    if (!isThere()) return failed;
    if (options === undefined || options.values.has("state-dir")) return undefined;
    if (options.values.has("purge") || options.values.has("p")) {
      if (source !== undefined) replaceLine("hashfile", source, undefined);
      return done;
    }
    const [from, to] = [rawPath(source), rawPath(target)];
    const bytes = from === undefined ? undefined : editor.read(from);
    const node = from === undefined ? undefined : editor.node(from);
    if (target === undefined || to === undefined || more.length > 0 || bytes === undefined || node === undefined) return undefined;
    const sum = createHash("md5").update(bytes).digest("hex");
    const present = editor.read(to);
    if (present === undefined ? editor.node(to) !== undefined : createHash("md5").update(present).digest("hex") !== sum) return undefined;
    if (present === undefined) editor.put(to, node);
    replaceLine("hashfile", target, `${sum}  ${target}`);
    if (options.values.has("three-way") || bytes.length < cachedBelow) editor.put(`${folder}/cache/${target.replaceAll("/", ":")}`, node);
    return done;
  };

  const ucfr: CommandModel = (args) => {
    const options = parseOptions(args, ["state-dir"], ["force", "f", "purge", "p", "v"]);
    const [name, path, ...more] = options?.rest ?? [];
    if (!isThere()) return failed;
    if (options === undefined || name === undefined || path === undefined || more.length > 0) return undefined;
    const gone = options.values.has("purge") || options.values.has("p");
    replaceLine("registry", path, gone ? undefined : `${name} \t ${path}`);
    return done;
  };

  return { ucf, ucfr };
}
