import { DhiError } from "../errors.js";

/** What a resolver is asked for, as far as it matters here. */
interface Upgradable {
  readonly installed: readonly unknown[];
  readonly held?: Readonly<Record<string, string>> | undefined;
  readonly upgrade?: "all" | "held" | undefined;
}

/**
 * Resolves. If that fails because packages of the base are in the way, and upgrading the base's packages would help, the error's hint says
 * so. With held versions nothing is said: an upgrade would need a release of the hold first.
 */
export function resolveOrHint<Options extends Upgradable, T>(options: Options, resolve: (options: Options) => T): T {
  try {
    return resolve(options);
  } catch (thrown) {
    const isFinal = options.upgrade !== undefined || options.held !== undefined || options.installed.length === 0;
    if (isFinal || !(thrown instanceof DhiError) || thrown.code !== "conflict") throw thrown;
    if (!isPossible(() => resolve({ ...options, upgrade: "all" }))) throw thrown;
    const { code, message, origin, property, cause } = thrown;
    const hint = "Packages of the base would have to be upgraded: set upgradeInstalled: true, or use a newer base";
    throw new DhiError(code, message, { origin, property, hint, cause });
  }
}

function isPossible(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch (thrown) {
    if (thrown instanceof DhiError) return false;
    throw thrown;
  }
}
