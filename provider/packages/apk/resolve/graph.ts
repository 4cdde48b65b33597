import type { ApkDependency, ApkPackage, ApkRepository } from "../formats/apk-package.js";
import { byPlace, createName, createPackage, DEFAULT_TAG, type NameNode, type Need, type PackageNode, type Provider } from "./node.js";

/** Where the resolver looks up packages: the package indexes of all repositories as one. */
export interface ApkLookup {
  /** The name of every package. */
  names(): Iterable<string>;
  /** The packages that have or provide a name, in the order of the indexes. */
  candidates(name: string): readonly ApkPackage[];
  /** The packages whose `install_if` contains the name. */
  installedWith(name: string): readonly ApkPackage[];
}

export interface GraphOptions {
  /** In the order of the installed database. */
  readonly installed: readonly ApkPackage[];
  readonly lookup: ApkLookup;
  /** In the order of the sources. */
  readonly repositories: readonly ApkRepository[];
  /** Names whose dependencies count as met. */
  readonly assumed: ReadonlySet<string>;
  readonly architecture: string;
}

/** Names and packages as nodes, created on first use. One graph per run. */
export class ApkGraph {
  readonly #options: GraphOptions;
  readonly #names = new Map<string, NameNode>();
  readonly #packages = new Map<string, PackageNode>();
  readonly #tags = new Map<string, number>();
  readonly #triggeredNames = new Map<string, readonly NameNode[]>();
  /** Packages of the base by each name that they have, provide, or list in `install_if`. */
  readonly #bearers = new Map<string, ApkPackage[]>();
  readonly #triggered = new Map<string, ApkPackage[]>();
  readonly #checksums: ReadonlySet<string>;

  constructor(options: GraphOptions) {
    this.#options = options;
    for (const { tag } of options.repositories)
      if (tag !== undefined && !this.#tags.has(tag)) this.#tags.set(tag, 2 ** (this.#tags.size + 1));
    this.#checksums = new Set(options.installed.map(({ checksum }) => checksum));
    for (const found of options.installed) {
      for (const name of new Set([found.name, ...found.provides.map((provided) => provided.name)])) append(this.#bearers, name, found);
      for (const name of new Set(found.installIf.map((dependency) => dependency.name))) append(this.#triggered, name, found);
    }
  }

  /** The bit of a tag; 0 for an unknown one. */
  tagBit(tag: string | undefined): number {
    return tag === undefined ? DEFAULT_TAG : (this.#tags.get(tag) ?? 0);
  }

  name(name: string): NameNode {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const made = createName(name);
    this.#names.set(name, made);
    return made;
  }

  /** Called once all names are discovered. */
  sortDependents(): void {
    for (const name of this.#names.values())
      if (name.dependents.size > 1) name.dependents = new Set([...name.dependents].toSorted(byPlace));
  }

  need(dependency: ApkDependency): Need {
    return { name: this.name(dependency.name), dependency };
  }

  /** The packages that have or provide a name: those of the base first, then in the order of the sources. */
  providersOf(name: NameNode): readonly Provider[] {
    return (name.providers ??= this.#findProviders(name.name));
  }

  /** Every name of the packages that `install_if` adds with a name. */
  namesTriggeredBy(name: string): readonly NameNode[] {
    const known = this.#triggeredNames.get(name);
    if (known !== undefined) return known;
    const found = [...(this.#triggered.get(name) ?? []), ...this.#options.lookup.installedWith(name)];
    const names = found.flatMap((one) => [one.name, ...one.provides.map((provided) => provided.name)]);
    const nodes = [...new Set(names)].map((one) => this.name(one)).toSorted(byPlace);
    this.#triggeredNames.set(name, nodes);
    return nodes;
  }

  #findProviders(name: string): readonly Provider[] {
    const found = [...(this.#bearers.get(name) ?? []), ...this.#options.lookup.candidates(name)];
    return [...new Set(found.map((one) => this.package(one)))].flatMap((one) => [
      ...(one.package.name === name ? [{ package: one, version: one.package.version }] : []),
      ...one.package.provides.filter((provided) => provided.name === name).map(({ version }) => ({ package: one, version })),
    ]);
  }

  package(found: ApkPackage): PackageNode {
    const key = `${found.name} ${found.checksum}`;
    const known = this.#packages.get(key);
    if (known !== undefined) return known;
    const made = this.#create(found);
    this.#packages.set(key, made);
    return made;
  }

  /** A package of the base and one of a repository are the same if their checksums are equal. */
  #create(found: ApkPackage): PackageNode {
    const { assumed, architecture, lookup, repositories } = this.#options;
    const isInstalled = this.#checksums.has(found.checksum);
    const listed = lookup.candidates(found.name).find(({ name, checksum }) => name === found.name && checksum === found.checksum);
    const source = listed ?? found;
    const from = source.repositories;
    const isOurs = isInstalled || source.architecture === architecture || source.architecture === "noarch";
    const rank = repositories.findIndex(({ url, tag }) => from.some((one) => one.url === url && one.tag === tag));
    const fixed = {
      package: source,
      name: this.name(source.name),
      provides: source.provides.map(({ name, version }) => ({ name: this.name(name), version })),
      needs: source.depends.filter(({ name, conflict }) => conflict || !assumed.has(name)).map((one) => this.need(one)),
      triggers: source.installIf.map((one) => this.need(one)),
      isInstalled,
      tags: from.reduce((bits, { tag }) => bits | this.tagBit(tag), isInstalled ? this.#installedTag(found) : 0),
      rank,
    };
    return createPackage(fixed, isOurs);
  }

  /** `s:` of the installed database: the tag of the repository that it came from. */
  #installedTag({ stanza }: ApkPackage): number {
    return this.tagBit(/^s:(.+)$/m.exec(stanza)?.[1]);
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
