import type { RawPath } from "../../../rootfs/tree/node.js";
import { baseNameOf } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { AccountBook } from "../account-book.js";
import { rawPaths } from "./command-paths.js";
import { parseFind } from "./find-expression.js";
import { done, type CommandModel } from "../script-host.js";

/** find(1). `command`: what `-exec` may call. */
export function findCommand(editor: RootEditor, book: AccountBook, command: (name: string) => CommandModel | undefined): CommandModel {
  return (args) => {
    const first = args.findIndex((arg) => /^[-(!]/.test(arg));
    const named = args.slice(0, first < 0 ? args.length : first);
    const starts = rawPaths(named);
    const expression = parseFind(args.slice(named.length), editor, book);
    if (starts === undefined || expression === undefined) return undefined;
    const { test, least, most, action, end, bare, exec } = expression;
    const found = starts.flatMap((start, index) => {
      const real = editor.tree.follow(start) ?? start;
      return below(editor, start).flatMap(([path, depth]) => {
        editor.spend(20 + 4 * args.length);
        const shown = `${named[index] ?? ""}${path.slice(real.length)}`;
        const node = editor.tree.get(path);
        return node !== undefined && depth >= least && depth <= most && test(path, node, shown) ? [{ path, shown }] : [];
      });
    });
    if (action === "delete") for (const { path } of [...found].reverse()) editor.remove(path);
    if (action === "exec") {
      const results = found.map(({ shown }) => command(exec[0] ?? "")?.(exec.slice(1).map((word) => (word === "{}" ? shown : word))));
      if (results.includes(undefined)) return undefined;
    }
    if (action !== "print") return done;
    const gone = starts.some((start) => editor.node(start) === undefined);
    return { status: gone ? 1 : 0, output: found.map(({ path, shown }) => `${bare ? baseNameOf(path) : shown}${end}`).join("") };
  };
}

/** With their depths, parents first. */
function below(editor: RootEditor, start: RawPath): readonly (readonly [RawPath, number])[] {
  const real = editor.tree.follow(start);
  if (real === undefined) return [];
  const walked = editor.tree.get(real)?.type === "directory" ? [...editor.tree.walk(real)].map(([path]) => path) : [];
  const rest = walked.filter((path) => path !== real);
  return [[real, 0], ...rest.map((path) => [path, path.slice(real.length).split("/").length - 1] as const)];
}
