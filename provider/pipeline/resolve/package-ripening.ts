import { ownValue } from "../../values.js";
import { mergeNotices, type Notice } from "../notice.js";
import type { MinimumAge } from "../spec/minimum-age.js";
import type { FirstSights } from "../state/first-sights.js";
import type { Resolution } from "../state/resolution.js";
import { formatDay } from "./ripening-day.js";
import type { RipeningState } from "./ripening-state.js";
import { versionsOf, type ResolvedPackages } from "./resolved-packages.js";

type Versions = Resolution["packages"];

/** A version that is not taken yet. */
interface Waiting {
  readonly platform: string;
  readonly name: string;
  readonly stays: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** Decides for one check of an image which versions of packages are old enough, by the dates of their archives, and records what is not. */
export class PackageRipening {
  readonly #minimum: MinimumAge;
  readonly #state: RipeningState;
  readonly #now: number;
  /** By platform and name. */
  readonly #waiting = new Map<string, Waiting>();
  #notices: readonly Notice[] = [];
  #stands = false;

  /** `now` in milliseconds. */
  constructor(minimum: MinimumAge, state: RipeningState, now: number) {
    this.#minimum = minimum;
    this.#state = state;
    this.#now = now;
  }

  get isOn(): boolean {
    return this.#minimum.packages !== undefined || this.#minimum.security !== undefined;
  }

  /** Whether a version that state knows to ripen may be old enough now, even if no archive has changed. */
  get isDue(): boolean {
    const { packages = Infinity, security = Infinity } = this.#minimum;
    return [...this.#known()].some(([, from]) => Date.parse(from) + Math.min(packages, security) <= this.#now);
  }

  get sights(): FirstSights {
    if (this.#stands) return this.#known();
    return new Map([...this.#waiting.values()].map(({ name, version, from }) => [sightKey(name, version), new Date(from).toISOString()]));
  }

  get notices(): readonly Notice[] {
    return this.#stands ? this.#state.notices.filter((notice) => notice.package !== undefined) : this.#notices;
  }

  /** No archive has changed: what state knows stays as it is. */
  standStill(): void {
    this.#stands = true;
  }

  /** The versions in state of packages that this plan would take too young. `pinned`: names whose version the program asks for. */
  heldFor({ platforms }: ResolvedPackages, pinned: ReadonlySet<string>): Versions {
    const held: Record<string, Record<string, string>> = {};
    for (const [platform, { added, installed, listing }] of platforms) {
      const old = this.#oldOf(platform);
      for (const { name, version } of added) {
        // A package of the base that would be upgraded for the first time stays as the base has it.
        const stays = ownValue(old, name) ?? installed.get(name);
        if (stays === undefined || stays === version || pinned.has(name)) continue;
        const { date, security } = listing({ name, version });
        const minimum = security ? this.#minimum.security : this.#minimum.packages;
        if (minimum === undefined) continue;
        const known = this.#state.sights.get(sightKey(name, version)) ?? date;
        const from = known === undefined ? this.#now : Date.parse(known);
        const until = from + minimum;
        if (until <= this.#now) continue;
        (held[platform] ??= {})[name] = stays;
        const key = `${platform} ${name}`;
        if (!this.#waiting.has(key)) this.#waiting.set(key, { platform, name, stays, version, from, until });
      }
    }
    return held;
  }

  /** Whether nothing of this plan is due: each version that differs from state is too young. */
  isAllYoung(plan: ResolvedPackages): boolean {
    return Object.entries(versionsOf(plan)).every(([platform, versions]) =>
      Object.entries(this.#oldOf(platform)).every(([name, old]) => {
        const version = ownValue(versions, name);
        return version === undefined || version === old || this.#waiting.has(`${platform} ${name}`);
      }),
    );
  }

  /** What waits was kept. */
  tell(platforms: Iterable<string>): void {
    this.#notices = this.#describe(platforms, ({ name, stays, version, until }) => ({
      kind: "ripening",
      message: `the package ${name} ripens: ${stays} → ${version} will be taken on ${formatDay(until)}`,
      package: name,
    }));
  }

  /** What waits cannot be kept, and is taken. */
  giveUp(platforms: Iterable<string>): void {
    this.#notices = this.#describe(platforms, ({ name, stays, version }) => ({
      kind: "young",
      message: `the package ${name} moved from ${stays} to ${version} although minimumAge is not reached: the archives no longer allow ${stays}`,
      package: name,
    }));
    this.#waiting.clear();
  }

  #describe(platforms: Iterable<string>, describe: (one: Waiting) => Notice): readonly Notice[] {
    const all = [...this.#waiting.values()];
    return mergeNotices(new Map([...platforms].map((name) => [name, all.filter(({ platform }) => platform === name).map(describe)])));
  }

  #oldOf(platform: string): Readonly<Record<string, string>> {
    return ownValue(this.#state.resolution?.packages ?? {}, platform) ?? {};
  }

  #known(): FirstSights {
    return new Map([...this.#state.sights].filter(([key]) => key.startsWith("package ")));
  }
}

function sightKey(name: string, version: string): string {
  return `package ${name}=${version}`;
}
