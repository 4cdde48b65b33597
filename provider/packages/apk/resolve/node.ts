import type { ApkDependency, ApkPackage } from "../formats/apk-package.js";
import { meets } from "../formats/dependency.js";
import { placeOf } from "./place.js";

/** A name that can be depended on, with its state while resolving. */
export interface NameNode {
  readonly name: string;
  /** `install_if` names are iterated in the order of their places. */
  readonly place: number;
  /** By `ApkGraph.providersOf`, which looks them up once. */
  providers: readonly Provider[] | undefined;
  /** Names of the packages that depend on this one, provided names too; sorted by place once all are discovered. */
  dependents: Set<NameNode>;
  isSeen: boolean;
  /** Requested in this run; such names are settled first. */
  isAsked: boolean;
  /** How many known dependencies require it. */
  requirers: number;
  /** Undefined while open; null: no package will provide it. */
  chosen: Provider | null | undefined;
  /** 0: all providers have it as their own name; 1: some do; 2: none does. */
  virtuality: number;
  /** The longest chain of dependencies behind it. */
  depth: number;
  hasOptions: boolean;
  hasTriggered: boolean;
  /** None of its providers will ever be added by `install_if`. */
  isNeverTriggered: boolean;
  areDependentsSettled: boolean;
  mustCheckNeeds: boolean;
  mustCheckTriggers: boolean;
}

/** How a package meets a name: with a version, or without one. */
export interface Provider {
  readonly package: PackageNode;
  readonly version: string | undefined;
}

/** A name that a package provides. */
export interface Provided {
  readonly name: NameNode;
  readonly version: string | undefined;
}

/** A dependency with the node of its name. */
export interface Need {
  readonly name: NameNode;
  readonly dependency: ApkDependency;
}

/** Why a package cannot be selected; `by` is undefined where world or a request is the reason. */
export type Refusal =
  | { readonly kind: "constraint"; readonly by: PackageNode | undefined; readonly dependency: ApkDependency }
  | { readonly kind: "need"; readonly need: Need }
  | { readonly kind: "name-taken"; readonly name: string; readonly by: PackageNode | undefined }
  | { readonly kind: "lacks-name"; readonly name: string };

/** A package, with its state while resolving. */
export interface PackageNode {
  readonly package: ApkPackage;
  readonly name: NameNode;
  readonly provides: readonly Provided[];
  readonly needs: readonly Need[];
  readonly triggers: readonly Need[];
  /** Names that it needs, and names that it provides besides its own: true for those without a version. */
  readonly neededNames: ReadonlySet<NameNode>;
  readonly providedNames: ReadonlyMap<NameNode, boolean>;
  readonly isInstalled: boolean;
  /** Bits of the tags of the repositories that have it, and of the one that it was installed from. */
  readonly tags: number;
  /** The place of the first repository that has it; -1 for none. */
  readonly rank: number;
  isSeen: boolean;
  isSelectable: boolean;
  refusal: Refusal | undefined;
  /** How many constraints it does not meet. */
  conflicts: number;
  /** Bits of the tags that its dependents allow, and `UPGRADE`. */
  allowedTags: number;
  isTagAllowed: boolean;
  isTagPreferred: boolean;
  isTriggered: boolean;
  isTriggerFailed: boolean;
  /** Was an option when a name that it provides was last considered, and when common needs were last passed on. */
  isOption: boolean;
  wasOption: boolean;
  depth: number;
}

/** The bit of repositories without a tag, which are always allowed. */
export const DEFAULT_TAG = 1;

/** Newer versions are preferred to those of the base. It spreads like a tag (apk-tools 2.14, APK_SOLVERF_UPGRADE), and no repository has it. */
export const UPGRADE = 2 ** 30;

export function createName(name: string): NameNode {
  return {
    name,
    place: placeOf(name),
    providers: undefined,
    dependents: new Set(),
    isSeen: false,
    isAsked: false,
    requirers: 0,
    chosen: undefined,
    virtuality: 0,
    depth: 0,
    hasOptions: false,
    hasTriggered: false,
    isNeverTriggered: false,
    areDependentsSettled: false,
    mustCheckNeeds: false,
    mustCheckTriggers: false,
  };
}

/** For sorting. */
export function byPlace(one: NameNode, other: NameNode): number {
  return one.place - other.place;
}

type Fixed = "package" | "name" | "provides" | "needs" | "triggers" | "isInstalled" | "tags" | "rank";

export function createPackage(fixed: Pick<PackageNode, Fixed>, isSelectable: boolean): PackageNode {
  const isTagPreferred = fixed.package.installedSize === 0 || (fixed.tags & DEFAULT_TAG) !== 0;
  return {
    ...fixed,
    neededNames: new Set(fixed.needs.filter((need) => !need.dependency.conflict).map((need) => need.name)),
    // If a name is provided twice, the first counts.
    providedNames: new Map(fixed.provides.toReversed().map(({ name, version }) => [name, version === undefined])),
    isSeen: false,
    isSelectable,
    refusal: undefined,
    conflicts: 0,
    allowedTags: DEFAULT_TAG,
    isTagAllowed: isTagPreferred || fixed.isInstalled,
    isTagPreferred,
    isTriggered: false,
    isTriggerFailed: fixed.triggers.length === 0,
    isOption: false,
    wasOption: false,
    depth: 0,
  };
}

/** Whether a dependency is met by the provider chosen for its name; null and undefined, none, meet only conflicts. */
export function isMetBy(dependency: ApkDependency, provider: Provider | null | undefined): boolean {
  if (provider === null || provider === undefined) return dependency.conflict;
  return meets(dependency, provider.version, provider.package.package.checksum) !== dependency.conflict;
}

/** `name version`, for messages. */
export function describePackage({ package: { name, version } }: PackageNode): string {
  return `${name} ${version}`;
}
