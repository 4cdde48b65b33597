import type { Candidates } from "./candidates.js";
import type { DependencyGroup } from "../formats/dependency.js";
import { matches, matchesByName, matchesByProvides } from "./matches.js";
import type { DebianPackage, Exclusion } from "./package.js";
import type { Chosen } from "./reason.js";

/** Two packages that exclude each other; `by` declares it. */
export interface Clash {
  readonly by: DebianPackage;
  readonly exclusion: Exclusion;
  /** The one of the two that is present already. */
  readonly other: DebianPackage;
}

/** The packages that the image has so far: those of the base with the chosen ones over them. Choices can be undone. */
export class Selection {
  readonly #candidates: Candidates;
  readonly #assumed: ReadonlySet<string>;
  readonly #chosen = new Map<string, Chosen>();
  readonly #order: Chosen[] = [];
  /** Packages that exclude a name; entries of undone choices stay, and are ignored. */
  readonly #exclusions = new Map<string, { readonly by: DebianPackage; readonly exclusion: Exclusion }[]>();
  readonly #indexed = new Set<DebianPackage>();

  constructor(candidates: Candidates, assumed: ReadonlySet<string>) {
    this.#candidates = candidates;
    this.#assumed = assumed;
    for (const found of candidates.installed.values()) this.#indexExclusions(found);
  }

  get chosen(): readonly Chosen[] {
    return this.#order;
  }

  choice(name: string): Chosen | undefined {
    return this.#chosen.get(name);
  }

  /** Takes a package. Pass `chosen.length` from before to `undo`. */
  add(chosen: Chosen): void {
    this.#chosen.set(chosen.package.name, chosen);
    this.#order.push(chosen);
    this.#indexExclusions(chosen.package);
  }

  /** Undoes all choices after the first `mark`. */
  undo(mark: number): void {
    for (const { package: taken } of this.#order.splice(mark)) this.#chosen.delete(taken.name);
  }

  /** The package of that name that the image would have. */
  present(name: string): DebianPackage | undefined {
    return this.#chosen.get(name)?.package ?? this.#candidates.installed.get(name);
  }

  isPresent(found: DebianPackage): boolean {
    return this.present(found.name) === found;
  }

  isMet(group: DependencyGroup): boolean {
    return this.whatMeets(group) !== undefined;
  }

  /** The packages that meet a group: those for its first alternative that is met. None for an assumed name. */
  whatMeets(group: DependencyGroup): readonly DebianPackage[] | undefined {
    const { architecture } = this.#candidates;
    for (const dependency of group) {
      const named = this.present(dependency.name);
      if (named !== undefined && matchesByName(dependency, named, architecture)) return [named];
      const provider = this.#candidates
        .providers(dependency.name)
        .find((one) => this.isPresent(one) && matchesByProvides(dependency, one, architecture));
      if (provider !== undefined) return [provider];
      if (this.#assumed.has(dependency.name)) return [];
    }
    return undefined;
  }

  /** Upgrades of packages of the base that met a group before. */
  displacers(group: DependencyGroup): readonly Chosen[] {
    const { architecture, installed } = this.#candidates;
    return this.#order.filter((chosen) => {
      const before = installed.get(chosen.package.name);
      return before !== undefined && before !== chosen.package && group.some((dependency) => matches(dependency, before, architecture));
    });
  }

  /** What a package would conflict with, in both directions. A package never excludes itself or what it provides. */
  *clashes(wanted: DebianPackage): Iterable<Clash> {
    const { architecture } = this.#candidates;
    for (const exclusion of wanted.exclusions) {
      const { dependency } = exclusion;
      const named = this.present(dependency.name);
      const others = [...(named === undefined ? [] : [named]), ...this.#candidates.providers(dependency.name)];
      for (const other of new Set(others)) {
        if (other.name !== wanted.name && this.isPresent(other) && matches(dependency, other, architecture))
          yield { by: wanted, exclusion, other };
      }
    }
    for (const name of new Set([wanted.name, ...wanted.provides.map((provided) => provided.name)])) {
      for (const { by, exclusion } of this.#exclusions.get(name) ?? []) {
        if (by.name === wanted.name || !this.isPresent(by) || !matches(exclusion.dependency, wanted, architecture)) continue;
        yield { by, exclusion, other: by };
      }
    }
  }

  #indexExclusions(found: DebianPackage): void {
    if (this.#indexed.has(found)) return;
    this.#indexed.add(found);
    for (const exclusion of found.exclusions) {
      const list = this.#exclusions.get(exclusion.dependency.name);
      const entry = { by: found, exclusion };
      if (list === undefined) this.#exclusions.set(exclusion.dependency.name, [entry]);
      else list.push(entry);
    }
  }
}
