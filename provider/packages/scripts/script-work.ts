import { DhiError } from "../../errors.js";

/** What following one script may cost: about a byte that is read or written each, seconds in all. */
export const MAX_SCRIPT_WORK = 16 * 1024 * 1024;
/** The same for all scripts of one installation. */
export const MAX_INSTALL_WORK = 16 * MAX_SCRIPT_WORK;

/** Counts what following a script costs, so that each comes to an end, at the same step on every machine, in bounded time and memory. */
export class ScriptWork {
  #left: number;
  readonly #why: string;
  readonly #outer: ScriptWork | undefined;

  /** `why`: said of a script for which there is nothing left. `outer`: where the same is counted too. */
  constructor(limit = MAX_SCRIPT_WORK, why = "it does too much to be followed", outer?: ScriptWork) {
    this.#left = limit;
    this.#why = why;
    this.#outer = outer;
  }

  /** Throws `DhiError` "limit" when more was spent than there was. */
  spend(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) throw new DhiError("limit", this.#why);
    this.#outer?.spend(amount);
  }

  /** A script among these. */
  forScript(): ScriptWork {
    return new ScriptWork(MAX_SCRIPT_WORK, undefined, this);
  }
}

/** For all scripts of one installation. */
export function installationWork(): ScriptWork {
  return new ScriptWork(MAX_INSTALL_WORK, "the scripts of these packages do too much to be followed");
}

/** Told of work before it is done. */
export type Spend = (amount: number) => void;
