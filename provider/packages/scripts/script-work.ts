import { DhiError } from "../../errors.js";

/** What following one script may cost: about one unit per byte read or written, seconds in all. */
export const MAX_SCRIPT_WORK = 16 * 1024 * 1024;
/** The same for all scripts of an installation together. */
export const MAX_INSTALL_WORK = 16 * MAX_SCRIPT_WORK;

/** Counts what following a script costs, so that every script ends, at the same step on every machine, in bounded time and memory. */
export class ScriptWork {
  #left: number;
  readonly #why: string;
  readonly #outer: ScriptWork | undefined;

  /** `why`: the error once the limit is reached. `outer`: a total that counts the same work. */
  constructor(limit = MAX_SCRIPT_WORK, why = "it does too much to be followed", outer?: ScriptWork) {
    this.#left = limit;
    this.#why = why;
    this.#outer = outer;
  }

  /** Throws `DhiError` "limit" once the limit is exceeded. */
  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) throw new DhiError("limit", this.#why);
    this.#outer?.spend(amount);
  }

  /** The work of one script, counted here too. */
  forScript(): ScriptWork {
    return new ScriptWork(MAX_SCRIPT_WORK, undefined, this);
  }
}

/** For all scripts of one installation. */
export function installationWork(): ScriptWork {
  return new ScriptWork(MAX_INSTALL_WORK, "the scripts of these packages do too much to be followed");
}

/** Called with the cost of work before it is done. */
export type Spend = (amount: number) => void;
