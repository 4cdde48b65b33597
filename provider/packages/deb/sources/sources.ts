import { DhiError } from "../../../errors.js";
import type { FileTree } from "../../../rootfs/tree/file-tree.js";
import { splitLogin, type Login } from "../../fetch/credentials.js";
import { parseSourceUrl } from "../../declared.js";
import { formatDistribution } from "../../root/distribution.js";
import type { DeclaredSource } from "../../declared-source.js";
import type { Distribution, PackageSource } from "../../packages.js";
import { ownSources, tryMachineEntries } from "./machine-mirror.js";
import { baseSources } from "./base.js";
import { ownKeys } from "./own.js";

export interface SourcesRequest {
  readonly distribution: Distribution;
  /** `packageSources` of the resource. */
  readonly declared?: readonly DeclaredSource[] | undefined;
  /** `dhi:packageSources`, by distribution as `debian:bookworm`. */
  readonly configured?: Readonly<Record<string, readonly DeclaredSource[]>> | undefined;
  /** Undefined for an image from scratch. */
  readonly base?: FileTree | undefined;
  /** The configuration folder of this machine's apt. Default `/etc/apt`. */
  readonly aptDirectory?: string | undefined;
}

export interface FoundSources {
  readonly sources: readonly PackageSource[];
  /** For `ArchiveFetcher.addLogins`: logins from URLs of stack config, the base or the machine. */
  readonly logins: readonly Login[];
}

/**
 * Where packages come from: the first of these that names any: `packageSources`, `dhi:packageSources`, the base's own sources,
 * and Debian's own archive. Throws `DhiError` "invalid".
 */
export async function findSources(request: SourcesRequest): Promise<FoundSources> {
  const { distribution, declared = [], configured = {}, base } = request;
  if (declared.length > 0) return declaredSources(distribution, declared, "packageSources");
  const ofStack = configured[formatDistribution(distribution)] ?? [];
  if (ofStack.length > 0) return declaredSources(distribution, ofStack, "stack config");
  const ofBase = base === undefined ? undefined : baseSources(base);
  if (ofBase !== undefined && ofBase.sources.length > 0) return ofBase;
  return ownSources(distribution, await tryMachineEntries(request.aptDirectory));
}

function declaredSources(
  distribution: Distribution,
  declared: readonly DeclaredSource[],
  origin: "packageSources" | "stack config",
): FoundSources {
  const split = declared.map(({ url }) => splitLogin(url));
  const sources = declared.map((source, at): PackageSource => {
    const property =
      origin === "packageSources" ? `packageSources[${at}]` : `dhi:packageSources["${formatDistribution(distribution)}"][${at}]`;
    const { suites = [distribution.release], allowUnsigned = false, allowExpired = false } = source;
    const flat = suites.every((suite) => suite.endsWith("/"));
    const { components = flat ? [] : ["main"], keys = [] } = source;
    checkSource(suites, components, property);
    return {
      url: parseSourceUrl(split[at]?.url ?? source.url, `${property}.url`),
      suites,
      components,
      keys: keys.length > 0 || allowUnsigned ? keys : ownKeys,
      allowUnsigned,
      ...(allowExpired ? { allowExpired } : {}),
      origin,
    };
  });
  return { sources, logins: split.flatMap(({ login }) => (login === undefined ? [] : [login])) };
}

/** A name in a URL's path: nothing that escapes the path. */
const name = /^[A-Za-z0-9][A-Za-z0-9._+~:-]*(?:\/[A-Za-z0-9][A-Za-z0-9._+~:-]*)*$/;

function checkSource(suites: readonly string[], components: readonly string[], property: string): void {
  const fail = (what: string, hint: string): DhiError => new DhiError("invalid", what, { origin: "inputs", property, hint });
  for (const suite of suites) {
    if (!name.test(suite.replace(/^(?:\.?\/)+/, "").replace(/\/$/, "")) && !/^(?:\.\/|\/)$/.test(suite))
      throw fail(`"${suite}" is not a valid suite`, "Write it as in apt's sources, such as bookworm or bookworm-updates");
    if (suite.endsWith("/") !== (components.length === 0))
      throw fail(
        `"${suite}" cannot be used ${components.length === 0 ? "without" : "with"} components`,
        "Name components, or an exact path that ends in a slash",
      );
  }
  const wrong = components.find((component) => !name.test(component));
  if (wrong !== undefined)
    throw fail(`"${wrong}" is not a valid component`, "Write main, contrib, non-free or another component of the archive");
}
