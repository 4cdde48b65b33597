import { isExecutable } from "../../../rootfs/tree/executable.js";
import type { FileNode } from "../../../rootfs/tree/node.js";
import type { CommandModel } from "../script-host.js";

/** Looks up a file for `test`; undefined if it does not exist. `follow`: follow a link in the last part. */
export type FindNode = (path: string, follow: boolean) => FileNode | undefined;

/** Words of an expression, at most. */
export const MAX_WORDS = 1000;

/** test(1) and `[`. */
export function testCommand(find: FindNode, bracket: boolean): CommandModel {
  return (args) => {
    const words = bracket && args.at(-1) === "]" ? args.slice(0, -1) : args;
    const result = evaluate(words, find);
    return { status: result === undefined ? undefined : result ? 0 : 1 };
  };
}

function evaluate(words: readonly string[], find: FindNode): boolean | undefined {
  if (words.length === 0) return false;
  if (words.length > MAX_WORDS) return undefined;
  if (words.length <= 3) {
    const simple = evaluateSimple(words, find);
    if (simple !== undefined) return simple;
  }
  for (const [operator, join] of [
    [
      "-o",
      (a: boolean | undefined, b: boolean | undefined) =>
        a === true || b === true ? true : a === undefined || b === undefined ? undefined : false,
    ],
    [
      "-a",
      (a: boolean | undefined, b: boolean | undefined) =>
        a === false || b === false ? false : a === undefined || b === undefined ? undefined : true,
    ],
  ] as const) {
    const at = words.indexOf(operator, 1);
    if (at > 0 && at < words.length - 1) return join(evaluate(words.slice(0, at), find), evaluate(words.slice(at + 1), find));
  }
  if (words[0] === "!") {
    const inner = evaluate(words.slice(1), find);
    return inner === undefined ? undefined : !inner;
  }
  return undefined;
}

function evaluateSimple(words: readonly string[], find: FindNode): boolean | undefined {
  const [first = "", second = "", third = ""] = words;
  if (words.length === 1) return first !== "";
  if (words.length === 2) {
    if (first !== "!") return evaluateFile(first, second, find);
    return second === "";
  }
  const numbers = [Number(first), Number(third)] as const;
  switch (second) {
    case "=":
    case "==":
      return first === third;
    case "!=":
      return first !== third;
    case "-eq":
      return numbers[0] === numbers[1];
    case "-ne":
      return numbers[0] !== numbers[1];
    case "-lt":
      return numbers[0] < numbers[1];
    case "-le":
      return numbers[0] <= numbers[1];
    case "-gt":
      return numbers[0] > numbers[1];
    case "-ge":
      return numbers[0] >= numbers[1];
    case "-ef": {
      const node = find(first, true);
      return node !== undefined && node === find(third, true);
    }
  }
  return undefined;
}

function evaluateFile(operator: string, operand: string, find: FindNode): boolean | undefined {
  switch (operator) {
    case "-n":
      return operand !== "";
    case "-z":
      return operand === "";
    case "-t":
      return false;
    case "-h":
    case "-L":
      return find(operand, false)?.type === "symlink";
  }
  if (!/^-[edfsrwxpScbgukOG]$/.test(operator)) return undefined;
  const node = find(operand, true);
  if (node === undefined) return false;
  switch (operator) {
    case "-d":
      return node.type === "directory";
    case "-f":
      return node.type === "file";
    case "-s":
      return node.type === "directory" || (node.content?.size ?? 0) > 0;
    case "-x":
      return node.type === "directory" || isExecutable(node);
    case "-p":
      return node.type === "fifo";
    case "-S":
      return false;
    case "-c":
      return node.type === "character";
    case "-b":
      return node.type === "block";
    case "-g":
      return (node.mode & 0o2000) !== 0;
    case "-u":
      return (node.mode & 0o4000) !== 0;
    case "-k":
      return (node.mode & 0o1000) !== 0;
  }
  return true;
}
