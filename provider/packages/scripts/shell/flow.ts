import { Leave } from "./builtins.js";
import type { ShellExpansion } from "./expansion.js";
import { matchCost, matchesPattern } from "../patterns/shell-patterns.js";
import type { ShellCommand, ShellList } from "./syntax.js";

/** Exit status of a command; undefined when unknown. */
export type Status = number | undefined;

/** What following conditions and loops needs. */
export interface ShellFlow {
  readonly expansion: ShellExpansion;
  command(command: ShellCommand): Status;
  list(list: ShellList): Status;
  /** Runs work whose failure does not fail the script. */
  test<T>(work: () => T): T;
  /** Skips what may or may not be reached. */
  skip(list: ShellList): void;
}

type Of<Kind extends ShellCommand["kind"]> = Extract<ShellCommand, { kind: Kind }>;

export function followChain(flow: ShellFlow, { first, rest }: Of<"chain">): Status {
  let status = flow.test(() => flow.command(first));
  for (const [at, { operator, command }] of rest.entries()) {
    flow.expansion.variables.set("?", status === undefined ? undefined : String(status));
    const follow = (): Status => flow.command(command);
    if (status === undefined) flow.skip([command]);
    else if ((status === 0) === (operator === "&&")) status = at === rest.length - 1 ? follow() : flow.test(follow);
  }
  return status;
}

export function followIf(flow: ShellFlow, { branches, otherwise }: Of<"if">): Status {
  for (const [at, { condition, body }] of branches.entries()) {
    const status = flow.test(() => flow.list(condition));
    if (status === 0) return flow.list(body);
    if (status !== undefined) continue;
    const others = branches.slice(at + 1).flatMap((branch) => [...branch.condition, ...branch.body]);
    flow.skip([...body, ...others, ...otherwise]);
    return undefined;
  }
  return flow.list(otherwise);
}

export function followCase(flow: ShellFlow, { word, arms }: Of<"case">): Status {
  const text = flow.expansion.text(word);
  const patterns = arms.map((arm) => arm.patterns.map((pattern) => flow.expansion.pattern(pattern)));
  if (text === undefined || patterns.flat().includes(undefined)) {
    flow.skip(arms.flatMap(({ body }) => body));
    return undefined;
  }
  const matches = (pattern: string): boolean => {
    flow.expansion.spend(matchCost(pattern, text));
    return matchesPattern(text, pattern);
  };
  const found = patterns.findIndex((list) => list.some((pattern) => pattern !== undefined && matches(pattern)));
  return flow.list(arms[found]?.body ?? []);
}

export function followFor(flow: ShellFlow, { name, words, body }: Of<"for">): Status {
  const lists = words === undefined ? [flow.expansion.variables.parameters] : words.map((word) => flow.expansion.fields(word));
  if (lists.includes(undefined)) {
    flow.expansion.variables.set(name, undefined);
    flow.skip(body);
    return undefined;
  }
  let status: Status = 0;
  for (const value of lists.flatMap((list) => list ?? [])) {
    flow.expansion.variables.set(name, value);
    const turn = followTurn(flow, body);
    if (turn === "ends") break;
    status = turn;
  }
  return status;
}

export function followLoop(flow: ShellFlow, { condition, until, body }: Of<"loop">): Status {
  for (;;) {
    const status = flow.test(() => flow.list(condition));
    if (status === undefined) {
      flow.skip(body);
      return undefined;
    }
    if ((status === 0) === until || followTurn(flow, body) === "ends") return 0;
  }
}

function followTurn(flow: ShellFlow, body: ShellList): Status | "ends" {
  try {
    return flow.list(body);
  } catch (thrown) {
    if (!(thrown instanceof Leave) || thrown.what === "exit" || thrown.what === "return") throw thrown;
    const more = (thrown.status ?? 1) - 1;
    if (more > 0) throw new Leave(thrown.what, more);
    return thrown.what === "break" ? "ends" : 0;
  }
}
