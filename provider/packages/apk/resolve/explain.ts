import { DhiError } from "../../../errors.js";
import type { ApkDependency } from "../formats/apk-package.js";
import { formatDependency } from "../formats/dependency.js";
import { canBeDefault } from "./choose.js";
import { describePackage, isMetBy, type Need, type PackageNode, type Refusal } from "./node.js";
import type { Wanted } from "./requests.js";
import type { Found } from "./search.js";

/** How many levels of reasons an error shows, and how many of each. */
const maxDepth = 6;
const maxItems = 6;

const hint = "Request another version, name an alternative that fits, or list in assumeInstalled what the image does not need";

/** Why a world cannot be satisfied, from the first request that fails: which package needs what, and why each provider does not fit. */
export function explainFailure(found: Found, wanted: readonly Wanted[]): DhiError {
  const reasons = new Reasons(found, wanted);
  const isBad = (need: Need): boolean => reasons.isBad(need);
  const items = [...wanted.map(({ dependency }) => found.graph.need(dependency)), ...found.world];
  const bad = items.find((need) => !need.dependency.conflict && isBad(need)) ?? items.find(isBad);
  const request = wanted.find(({ dependency }) => dependency === bad?.dependency);
  const what = bad === undefined ? "the packages" : formatDependency(bad.dependency);
  const whose = request === undefined ? " of the base's world" : "";
  const why = bad === undefined ? "they exclude each other" : reasons.explainNeed(bad, 0);
  return new DhiError("conflict", `${what}${whose} cannot be added: ${why}`, { origin: "packages", property: request?.property, hint });
}

/** Why packages of the base cannot stay: explains the one that is in the way, since its dependencies would be removed with it. */
export function explainRemoval(found: Found, wanted: readonly Wanted[], removed: readonly PackageNode[]): DhiError {
  const inTheWay = removed.find(({ refusal }) => refusal?.kind === "constraint") ?? removed.find(({ refusal }) => refusal !== undefined);
  const one = inTheWay ?? removed[0];
  const why =
    one === undefined || inTheWay === undefined ? "nothing that stays needs it" : new Reasons(found, wanted).explainPackage(one, 0);
  const dependency = one?.refusal?.kind === "constraint" ? one.refusal.dependency : undefined;
  const request = wanted.find((item) => item.dependency === dependency);
  return new DhiError(
    "conflict",
    `${one === undefined ? "a package" : describePackage(one)} of the base would have to be removed: ${why}`,
    {
      origin: "packages",
      property: request?.property ?? "packages",
      hint: "Packages of a base are never removed: request packages that can be installed beside them",
    },
  );
}

/** Why an upgrade of a package of the base was not chosen. */
export function explainKeptBack(found: Found, wanted: readonly Wanted[], newer: PackageNode): string {
  return new Reasons(found, wanted).explainPackage(newer, 0);
}

class Reasons {
  readonly #found: Found;
  readonly #wanted: readonly Wanted[];
  readonly #explained = new Set<PackageNode>();

  constructor(found: Found, wanted: readonly Wanted[]) {
    this.#found = found;
    this.#wanted = wanted;
  }

  isBad({ name, dependency }: Need): boolean {
    const chosen = name.chosen?.package;
    return this.#found.missing.has(name) || !isMetBy(dependency, name.chosen) || (chosen !== undefined && this.#found.failed.has(chosen));
  }

  /** The text after "but". */
  explainNeed({ name, dependency }: Need, depth: number): string {
    const chosen = name.chosen?.package;
    if (chosen !== undefined && (dependency.conflict || isMetBy(dependency, name.chosen))) return this.explainPackage(chosen, depth);
    const providers = this.#found.graph.providersOf(name);
    if (providers.length === 0) return `no archive has ${name.name}`;
    const fitting = providers.filter((provider) => isMetBy(dependency, provider));
    if (fitting.length === 0) {
      return `there is only ${list(providers.map(({ package: one, version }) => describeProvider(one, name.name, version)))}`;
    }
    const open = fitting.filter(({ package: one }) => one.isSelectable);
    if (open.length > 0 && !open.some(canBeDefault)) {
      return `${name.name} is provided by ${list(open.map(({ package: one }) => one.package.name))}, none of which is chosen by itself: request one of them by name`;
    }
    return list(
      fitting.map(({ package: one }) => this.explainPackage(one, depth)),
      "; ",
    );
  }

  /** Why a package cannot be added. */
  explainPackage(found: PackageNode, depth: number): string {
    const what = describePackage(found);
    if (depth >= maxDepth || this.#explained.has(found)) return `${what} cannot be added`;
    this.#explained.add(found);
    if (found.refusal !== undefined) return this.#explainRefusal(found, found.refusal, depth);
    if (!found.isTagAllowed) {
      const tags = [
        ...new Set(found.package.repositories.flatMap(({ tag }) => (tag === undefined ? [] : [`${found.package.name}@${tag}`]))),
      ];
      return `${what} is only in tagged repositories: write ${list(tags)}`;
    }
    const need = found.needs.find((one) => this.isBad(one));
    return need === undefined ? `${what} cannot be added` : this.#explainOwn(found, need, depth);
  }

  #explainOwn(found: PackageNode, need: Need, depth: number): string {
    const { dependency, name } = need;
    const chosen = name.chosen?.package;
    if (dependency.conflict && chosen !== undefined) {
      return `${describePackage(found)} conflicts with ${formatDependency(dependency).slice(1)}, which ${describePackage(chosen)} is`;
    }
    return `${describePackage(found)} needs ${formatDependency(dependency)}, but ${this.explainNeed(need, depth + 1)}`;
  }

  #explainRefusal(found: PackageNode, refusal: Refusal, depth: number): string {
    const what = describePackage(found);
    switch (refusal.kind) {
      case "constraint": {
        const { by, dependency } = refusal;
        const text = formatDependency(dependency);
        if (dependency.conflict) {
          return by === undefined
            ? `${what} is forbidden by ${this.#source(dependency)}`
            : `${what} cannot be installed with ${describePackage(by)}, which conflicts with ${text.slice(1)}`;
        }
        return `${what} is not ${text}, which ${by === undefined ? this.#source(dependency) : describePackage(by)} needs`;
      }
      case "need":
        return this.#explainOwn(found, refusal.need, depth);
      case "name-taken": {
        const other = refusal.by === undefined ? "nothing may be" : `${describePackage(refusal.by)} is`;
        return found.name.name === refusal.name && refusal.by?.name === found.name
          ? `${what} cannot be installed with ${describePackage(refusal.by)}`
          : `${what} is ${refusal.name}, which ${other} too`.replace("is too", "is");
      }
      case "lacks-name":
        return `${what} has a name of what provides ${refusal.name}, and is not that`;
    }
  }

  /** Where an item of world comes from. */
  #source(dependency: ApkDependency): string {
    return this.#wanted.find((one) => one.dependency === dependency)?.property ?? "the base's world";
  }
}

function describeProvider(found: PackageNode, name: string, version: string | undefined): string {
  if (found.name.name === name) return describePackage(found);
  return `${describePackage(found)}, which provides ${name}${version === undefined ? " without a version" : ` ${version}`}`;
}

function list(items: readonly string[], separator = ", "): string {
  const shown = [...new Set(items)];
  const hidden = shown.length - maxItems;
  return `${shown.slice(0, maxItems).join(separator)}${hidden > 0 ? `${separator}and ${hidden} more` : ""}`;
}
