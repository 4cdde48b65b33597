import { DhiError } from "../../../errors.js";
import type { Spend } from "../script-work.js";

/** Characters of a script, at most. */
export const MAX_SCRIPT = 1024 * 1024;
/** Commands that are followed, counted in each iteration of a loop. */
export const MAX_COMMANDS = 100_000;
/** Depth of nested commands, and of calls of functions and programs: the stack is finite. */
export const MAX_NESTED = 250;
export const MAX_CALLS = 40;

/** Counts the commands of a script and their nesting. */
export class ShellNesting {
  readonly #spend: Spend;
  #commands = 0;
  #nested = 0;
  #calls = 0;

  constructor(spend: Spend) {
    this.#spend = spend;
  }

  command<T>(follow: () => T): T {
    if (++this.#commands > MAX_COMMANDS) throw new DhiError("limit", "it does not end");
    if (this.#nested >= MAX_NESTED) throw new DhiError("limit", "its commands are nested without end");
    this.#spend(10);
    this.#nested += 1;
    try {
      return follow();
    } finally {
      this.#nested -= 1;
    }
  }

  /** A function, or a program that is a script. */
  call<T>(follow: () => T): T {
    if (this.#calls >= MAX_CALLS) throw new DhiError("limit", "its functions call each other without end");
    this.#calls += 1;
    try {
      return follow();
    } finally {
      this.#calls -= 1;
    }
  }
}
