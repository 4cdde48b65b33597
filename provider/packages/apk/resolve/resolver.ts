import { DhiError } from "../../../errors.js";
import { chainNames, extendChain, formatChain, type Chain } from "../../chain.js";
import { resolveHeld } from "../../held-versions.js";
import { resolveOrHint } from "../../upgrade-hint.js";
import type { AddedPackage, PackageRequest, PackageResolution } from "../../packages.js";
import type { ApkDependency, ApkPackage, ApkRepository } from "../formats/apk-package.js";
import { holdVersions } from "./held-lookup.js";
import { findChains } from "./chain.js";
import { noticeKeptBack } from "./kept-back.js";
import type { ApkLookup } from "./graph.js";
import { searchKeeping } from "./keep.js";
import type { PackageNode } from "./node.js";
import { noticeTools, noticeUpgrades, type Chains } from "./notices.js";
import { readRequests } from "./requests.js";
import { compareApkVersions } from "../formats/version.js";
import { changeWorld } from "./world.js";

export interface ResolveOptions {
  /** As the installed database has them, in its order; none for an image from scratch. */
  readonly installed: readonly ApkPackage[];
  /** The base's `etc/apk/world`. */
  readonly world: readonly ApkDependency[];
  readonly lookup: ApkLookup;
  /** Over all package indexes, in the order of the sources: a package is fetched from the first that has it. */
  readonly repositories: readonly ApkRepository[];
  /** `x86_64`, `aarch64`. */
  readonly architecture: string;
  readonly requests: readonly PackageRequest[];
  /** The only version that each of these names may be added in. */
  readonly held?: Readonly<Record<string, string>> | undefined;
  /** Also upgrade packages of the base that have a newer version: `all`, or only those that are `held`. Default: only what must be. */
  readonly upgrade?: "all" | "held" | undefined;
  /** Names whose dependencies count as met. */
  readonly assumeInstalled?: readonly string[];
  /** Steps before giving up. Default 20 million (100 packages of Alpine take some 10,000). */
  readonly maxSteps?: number;
}

export interface ApkResolution extends PackageResolution {
  /** The base's world with the requests added, as apk would write it. */
  readonly world: readonly ApkDependency[];
}

/**
 * Resolves like `apk add` (apk-tools 2.14), as a pure function of package indexes and the base, except that nothing of the base is ever
 * removed or downgraded. With `upgrade`, like `apk upgrade` after the requests were written into world. `added` is in apk's own order: dependencies first. Throws `DhiError` "not-found" (a name, version or tag),
 * "conflict" (no solution), "limit".
 */
export function resolveApk(options: ResolveOptions): ApkResolution {
  const { held, installed, lookup, upgrade } = options;
  if (held === undefined) return resolveOrHint(options, resolveAmong);
  const versions = (name: string): readonly string[] =>
    lookup.candidates(name).flatMap((found) => (found.name === name ? [found.version] : []));
  return resolveHeld(held, versions, () => {
    if (upgrade === "held") requireHeldUpgrades(held, installed, versions);
    return resolveAmong({ ...options, lookup: holdVersions(lookup, held, installed, upgrade === "held") });
  });
}

/** Without this, a held upgrade that no archive has any more would be left out silently. */
function requireHeldUpgrades(
  held: Readonly<Record<string, string>>,
  installed: readonly ApkPackage[],
  versions: (name: string) => readonly string[],
): void {
  for (const { name, version } of installed) {
    const wanted = Object.hasOwn(held, name) ? held[name] : undefined;
    if (wanted === undefined || compareApkVersions(wanted, version) <= 0 || versions(name).includes(wanted)) continue;
    throw new DhiError("not-found", `no archive has ${name} ${wanted}`, { origin: "packages" });
  }
}

function resolveAmong(options: ResolveOptions): ApkResolution {
  const wanted = readRequests(options.requests, options);
  const requested = wanted.map(({ dependency }) => dependency);
  const { found, notices } = searchKeeping(
    {
      ...options,
      upgrade: options.upgrade !== undefined,
      assumed: new Set(options.assumeInstalled),
      maxSteps: options.maxSteps ?? 20_000_000,
    },
    wanted,
  );
  const before = new Map(options.installed.map(({ name, version }) => [name, version]));
  const asked = requested.map((dependency) => found.graph.need(dependency));
  const added = found.chosen.filter(({ isInstalled }) => !isInstalled);
  const chains = findChains(found.graph, found.chosen, asked);
  checkAges(added, before, chains);
  const keptBack = options.upgrade === "all" ? noticeKeptBack(found, wanted, options) : [];
  const direct = new Set(asked.map(({ name }) => name.chosen?.package));
  return {
    added: added.map((one) => describeAdded(one, direct.has(one), chains.get(one))),
    notices: [
      ...noticeUpgrades(added, before, chains, options.upgrade !== undefined),
      ...keptBack,
      ...noticeTools(added, new Set(before.keys()), chains),
      ...notices,
    ],
    world: changeWorld(options.world, requested),
  };
}

/** Throws `DhiError` "conflict" where a package of the base would be downgraded. */
function checkAges(added: readonly PackageNode[], before: ReadonlyMap<string, string>, chains: Chains): void {
  for (const found of added) {
    const { name, version } = found.package;
    const old = before.get(name);
    if (old === undefined || compareApkVersions(version, old) >= 0) continue;
    const chain = formatChain(chains.get(found) ?? extendChain(undefined, name));
    throw new DhiError("conflict", `${name} of the base would have to be downgraded from ${old} to ${version}, for ${chain}`, {
      origin: "packages",
      property: "packages",
      hint: "The archive is older than the base: use one that is up to date in packageSources",
    });
  }
}

function describeAdded({ package: found }: PackageNode, requested: boolean, chain: Chain | undefined): AddedPackage {
  const { name, version, architecture, checksum, size, stanza } = found;
  const [repository] = found.repositories;
  if (repository === undefined) throw new DhiError("not-found", `no archive has ${name} ${version}`, { origin: "packages" });
  const url = `${repository.url}/${architecture}/${name}-${version}.apk`;
  return {
    name,
    version,
    architecture,
    // Of several repositories, an untagged one takes precedence (apk-tools 2.14, get_tag).
    tag: found.repositories.some(({ tag }) => tag === undefined) ? undefined : repository.tag,
    requested,
    chain: chainNames(chain ?? extendChain(undefined, name)),
    payload: { url, checksum, size, source: repository.source },
    stanza,
  };
}
