import { Memo } from "../../async/memo.js";
import { DhiError } from "../../errors.js";
import { shortDigest, type Digest } from "../../image/digest.js";
import { formatReference, formatRepository, type Repository } from "../../image/reference.js";
import { ownValue } from "../../values.js";
import type { Notice } from "../notice.js";
import type { Session } from "../session.js";
import { creationTime } from "../sources/creation-time.js";
import { readManifest } from "../sources/source-image.js";
import type { MinimumAge } from "../spec/minimum-age.js";
import type { FirstSights } from "../state/first-sights.js";
import { isComposedHere } from "../tags/promises.js";
import { PackageRipening } from "./package-ripening.js";
import { resolveReference } from "./resolve-reference.js";
import { recallSight } from "./recall-sight.js";
import { formatDay } from "./ripening-day.js";
import { keptBase, type RipeningState } from "./ripening-state.js";

/** Of the tags in a range, at most so many of the newest are asked for their age. */
export const MOST_TAGS_ASKED = 20;

/** A declared name, and what it means now. */
interface Found {
  readonly what: "base" | "artifact";
  readonly repository: Repository;
  readonly tag: string;
  readonly digest: Digest;
}

/** An image that stays although its name means a newer one. */
interface Kept extends Found {
  readonly stays: Digest;
}

export interface RipeningOptions {
  readonly minimum: MinimumAge;
  readonly state: RipeningState;
  /** Those whose configs count. Undefined: all. */
  readonly platforms: readonly string[] | undefined;
  readonly urn: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Decides for one check of an image which bases, artifacts and packages are old enough (`minimumAge`), and records what is not. The age counts from
 * the later of when an image was made and when this stack first saw it. An image that state does not have yet keeps nothing: it takes what
 * is there, of a range the newest tag that was made long enough ago.
 */
export class Ripening {
  readonly packages: PackageRipening;
  readonly #minimum: number | undefined;
  readonly #state: RipeningState;
  readonly #platforms: readonly string[] | undefined;
  readonly #urn: string | undefined;
  readonly #now: number;
  readonly #sights = new Map<string, string>();
  readonly #notices: Notice[] = [];
  readonly #kept: Kept[] = [];
  readonly #taken = new Memo<Digest>();
  /** Found to be old enough when the tag in a range was chosen. */
  readonly #ripe = new Set<Digest>();
  #stands = false;

  constructor({ minimum, state, platforms, urn, now }: RipeningOptions) {
    this.packages = new PackageRipening(minimum, state, now);
    this.#minimum = minimum.images;
    this.#state = state;
    this.#platforms = platforms;
    this.#urn = urn;
    this.#now = now;
  }

  /** The first sights to keep in state. */
  get sights(): FirstSights {
    return this.#stands ? this.#state.sights : new Map([...this.#sights, ...this.packages.sights]);
  }

  /** What ripens, and what was taken although it is young. */
  get notices(): readonly Notice[] {
    return this.#stands ? this.#state.notices : [...this.#notices, ...this.packages.notices];
  }

  /** A registry cannot be asked: what state knows stays as it is. */
  standStill(): void {
    this.#stands = true;
  }

  /** The digest that a base or an artifact is taken at: of now, or of state while that one ripens. `text`: of an artifact, as declared. */
  take(session: Session, found: Found, text = ""): Promise<Digest> {
    return this.#taken.run(`${found.what} ${found.digest} ${text}`, () => this.#decide(session, found, text));
  }

  async #decide(session: Session, found: Found, text: string): Promise<Digest> {
    const { what, repository, digest } = found;
    const stays = what === "base" ? this.#baseAt(session, found) : ownValue(this.#state.resolution?.artifacts ?? {}, text);
    if (this.#minimum === undefined || digest === stays || this.#ripe.has(digest) || isOwn(session, found)) return digest;
    if (stays === undefined) {
      const made = await creationTime(session, repository, digest, what, this.#platforms);
      if (made === undefined || made + this.#minimum > this.#now) this.#notices.push(young(found, made));
      return digest;
    }
    const from = await this.#ageFrom(session, found);
    if (from + this.#minimum <= this.#now) return digest;
    this.#wait(found, from + this.#minimum, from, formatReference({ repository, tag: found.tag }), [stays, digest].map(shortDigest));
    this.#kept.push({ ...found, stays });
    return stays;
  }

  /** The newest of these tags, newest first, that is old enough; or that of state, or else the newest. */
  async choose(session: Session, repository: Repository, tags: readonly [string, ...string[]]): Promise<string> {
    const minimum = this.#minimum;
    const state = keptBase(this.#state, session.repositories.key(repository));
    const old = state !== undefined && tags.includes(state.tag) ? state : undefined;
    if (minimum === undefined) return tags[0];
    const passed: (readonly [Found, number])[] = [];
    const chosen = await this.#firstRipe(session, repository, tags.slice(0, MOST_TAGS_ASKED), minimum, old, passed);
    const tag = chosen ?? old?.tag;
    // None that a new image could take: it takes the newest, and `take` says that it is young.
    if (tag === undefined) return tags[0];
    const name = formatRepository(repository);
    for (const [found, from] of passed) this.#wait(found, from + minimum, from, name, [tag, `${found.tag} (${shortDigest(found.digest)})`]);
    return tag;
  }

  async #firstRipe(
    session: Session,
    repository: Repository,
    tags: readonly string[],
    minimum: number,
    old: { readonly tag: string; readonly digest: Digest } | undefined,
    passed: (readonly [Found, number])[],
  ): Promise<string | undefined> {
    for (const tag of tags) {
      if (tag === old?.tag) return tag;
      const found: Found = { what: "base", repository, tag, digest: await resolveReference(session, { repository, tag }) };
      const from = await this.#ageFrom(session, found);
      // What a new image takes was not seen before: only when it was made counts.
      const made = old === undefined ? await creationTime(session, repository, found.digest, "base", this.#platforms) : from;
      const isRipe = made !== undefined && made + minimum <= this.#now;
      if (isRipe || found.digest === old?.digest || isOwn(session, found)) {
        this.#ripe.add(found.digest);
        return tag;
      }
      passed.push([found, from]);
    }
    return undefined;
  }

  /** Throws `DhiError` "not-found" if an image that stays has to be read, and is gone. */
  async requireKept(session: Session): Promise<void> {
    for (const { what, repository, tag, digest, stays } of this.#kept) {
      if ((await readManifest(session, repository, stays)) !== undefined) continue;
      const name = formatReference({ repository, tag });
      throw new DhiError("not-found", `the ${what} ${name} stays at ${stays} until ${digest} has ripened, but that no longer exists`, {
        origin: what,
        property: "minimumAge",
        hint: "Push it again, or remove minimumAge for one update",
      });
    }
  }

  /** The digest in state of a tag of the base. */
  #baseAt(session: Session, { repository, tag }: Found): Digest | undefined {
    const state = keptBase(this.#state, session.repositories.key(repository));
    return state?.tag === tag ? state.digest : undefined;
  }

  async #ageFrom(session: Session, { what, repository, digest }: Found): Promise<number> {
    const known = this.#state.sights.get(digest);
    if (known !== undefined) return Date.parse(known);
    const seen = await recallSight(session, this.#urn, digest, this.#now);
    return Math.max(seen, (await creationTime(session, repository, digest, what, this.#platforms)) ?? 0);
  }

  #wait({ what, digest }: Found, until: number, from: number, name: string, change: readonly string[]): void {
    this.#sights.set(digest, new Date(from).toISOString());
    this.#notices.push({
      kind: "ripening",
      message: `the ${what} ${name} ripens: ${change.join(" → ")} will be taken on ${formatDay(until)}`,
    });
  }
}

/** What this operation composes: the resource that does so has an age of its own. */
function isOwn(session: Session, { repository, tag }: Found): boolean {
  return isComposedHere(session, repository, tag);
}

function young({ what, repository, tag, digest }: Found, made: number | undefined): Notice {
  const age = made === undefined ? "does not say when it was made" : `was made on ${formatDay(made)}`;
  const name = formatReference({ repository, tag });
  const message = `the ${what} ${name} (${shortDigest(digest)}) ${age}: it is taken although minimumAge is not reached, as there is none that could stay`;
  return { kind: "young", message };
}
