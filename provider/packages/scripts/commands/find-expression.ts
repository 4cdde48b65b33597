import type { FileNode, RawPath } from "../../../rootfs/tree/node.js";
import { baseNameOf } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { AccountBook } from "../account-book.js";
import { compilePattern, matchCost } from "../patterns/shell-patterns.js";

export type FindTest = (path: RawPath, node: FileNode, shown: string) => boolean;

export interface FindExpression {
  readonly test: FindTest;
  readonly least: number;
  readonly most: number;
  readonly action: "print" | "delete" | "exec";
  /** The terminator of each printed path. */
  readonly end: string;
  /** Print names without their folders. */
  readonly bare: boolean;
  readonly exec: readonly string[];
}

const types: Readonly<Record<string, FileNode["type"]>> = {
  f: "file",
  d: "directory",
  l: "symlink",
  p: "fifo",
  b: "block",
  c: "character",
};
const options: ReadonlySet<string> = new Set(["-follow", "-xdev", "-mount", "-depth", "-noleaf", "-ignore_readdir_race"]);

/** The expression of find(1); undefined if it is not supported. An action applies to everything that passes the tests. */
export function parseFind(words: readonly string[], editor: RootEditor, book: AccountBook): FindExpression | undefined {
  let at = 0;
  let [least, most, end, bare] = [0, Infinity, "\n", false];
  let action: FindExpression["action"] = "print";
  let exec: readonly string[] = [];
  const refused: boolean[] = [];
  const refuse = (is: boolean): void => void refused.push(is);
  const value = (): string => words[at++] ?? "";
  const id = (text: string, of: (name: string) => number | undefined): number | undefined =>
    /^[0-9]+$/.test(text) ? Number(text) : of(text);
  const always: FindTest = () => true;
  const patterns = new Map<string, (text: string) => boolean>();
  const matches = (text: string, pattern: string): boolean => {
    const test = patterns.get(pattern) ?? compilePattern(pattern);
    patterns.set(pattern, test);
    editor.spend(matchCost(pattern, text));
    return test(text);
  };

  const either = (): FindTest => {
    const tests = [both()];
    while (words[at] === "-o" || words[at] === "-or") {
      at += 1;
      tests.push(both());
    }
    return (path, node, shown) => tests.some((test) => test(path, node, shown));
  };
  const both = (): FindTest => {
    const tests: FindTest[] = [];
    while (at < words.length && words[at] !== ")" && words[at] !== "-o" && words[at] !== "-or") tests.push(one());
    return (path, node, shown) => tests.every((test) => test(path, node, shown));
  };
  const one = (): FindTest => {
    const word = value();
    if (options.has(word) || word === "-a" || word === "-and" || word === "-print") return always;
    switch (word) {
      case "!":
      case "-not": {
        const test = one();
        return (path, node, shown) => !test(path, node, shown);
      }
      case "(": {
        const test = either();
        refuse(value() !== ")");
        return test;
      }
      case "-maxdepth":
        most = Number(value());
        return always;
      case "-mindepth":
        least = Number(value());
        return always;
      case "-print0":
        end = "\0";
        return always;
      case "-printf":
        bare = value() === "%f\\n";
        refuse(!bare);
        return always;
      case "-delete":
        action = "delete";
        return always;
      case "-exec":
      case "-execdir": {
        const stop = words.findIndex((other, index) => index >= at && (other === ";" || other === "+"));
        refuse(stop < 0);
        exec = words.slice(at, stop);
        action = "exec";
        at = stop + 1;
        return always;
      }
      case "-empty":
        return (path, node) => (node.type === "directory" ? editor.tree.list(path).length === 0 : node.content?.size === 0);
      case "-true":
        return always;
    }
    const operand = value();
    switch (word) {
      case "-type":
        return (_, node) => node.type === types[operand];
      case "-name":
        return (path) => matches(baseNameOf(path), operand);
      case "-path":
      case "-wholename":
        return (_, __, shown) => matches(shown, operand);
      case "-uid":
      case "-user": {
        const uid = id(operand, (name) => book.user(name)?.uid);
        return (_, node) => node.uid === uid;
      }
      case "-gid":
      case "-group": {
        const gid = id(operand, (name) => book.group(name)?.gid);
        return (_, node) => node.gid === gid;
      }
      case "-perm":
        refuse(!/^[0-7]+$/.test(operand));
        return (_, node) => node.mode === parseInt(operand, 8);
    }
    refuse(true);
    return always;
  };
  const test = either();
  return refused.includes(true) || at < words.length ? undefined : { test, least, most, action, end, bare, exec };
}
