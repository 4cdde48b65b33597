import { DhiError } from "../../../provider/errors.js";
import { resolveApk, type ResolveOptions } from "../../../provider/packages/apk/resolve/resolver.js";
import { seeded } from "../apt/draw.js";
import type { Line } from "./made-archive.js";
import { asked, openRepositories, readBase, type MadeRepository } from "./made-case.js";

/** A base, its repositories and what is asked for, drawn so that the rules of apk's solver meet each other. */
export interface DrawnCase {
  readonly repositories: readonly MadeRepository[];
  /** What the base is to have, of the first repository. */
  readonly wanted: readonly string[];
  readonly requests: readonly string[];
}

const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
const virtuals = ["so:x", "cmd:y", "v", "w"];
const versions = ["1", "1.1-r0", "1.2_rc1", "2", "3-r1"];
const operators = ["=", ">", ">=", "<", "<=", "~"];

export function drawCase(seed: number): DrawnCase {
  const random = seeded(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <T>(items: readonly [T, ...T[]] | readonly T[]): T => items[below(items.length)] as T;
  const some = (most: number, make: () => string): readonly string[] => Array.from({ length: below(most + 1) }, make);
  const chance = (share: number): boolean => random() < share;

  // Some archives are calm, so that bases can be made and upgraded; in others nearly everything is in the way of something.
  const unrest = oneOf([0.05, 0.15, 0.5, 1]);
  const target = (): string => (chance(0.3) ? oneOf(virtuals) : oneOf(names));
  const constraint = (share: number): string => (chance(share * unrest) ? `${oneOf(operators)}${oneOf(versions)}` : "");
  const dependency = (): string => (chance(0.08 * unrest) ? `!${target()}${constraint(0.4)}` : `${target()}${constraint(0.25)}`);
  const provide = (): string => {
    const name = chance(0.8) ? oneOf(virtuals) : oneOf(names);
    return chance(0.5) ? `${name}=${oneOf(versions)}` : name;
  };
  const field = (letter: string, words: readonly string[]): string => (words.length === 0 ? "" : `; ${letter}: ${words.join(" ")}`);
  const line = (name: string, version: string): Line => {
    const provides = chance(0.45) ? [provide(), ...some(1, provide)] : [];
    const installIf = chance(0.12) ? [target(), ...some(1, dependency)] : [];
    const priority = chance(0.8 - 0.6 * unrest) ? [String(1 + below(3))] : [];
    const size = chance(0.05) ? ["0"] : [];
    return `${name} ${version}${field("D", some(2, dependency))}${field("p", provides)}${field("i", installIf)}${field("k", priority)}${field("I", size)}`;
  };
  const lines = (share: number): readonly Line[] =>
    names.flatMap((name) =>
      chance(share) ? [...new Set([oneOf(versions), ...some(1, () => oneOf(versions))])].map((version) => line(name, version)) : [],
    );

  const first = lines(1);
  const more = some(2, () => "").map((_, at) => ({
    tag: chance(0.4) ? (at === 0 ? "edge" : "other") : undefined,
    lines: [...lines(0.4), ...first.filter(() => chance(0.2))],
  }));
  const request = (): string => {
    if (chance(0.1 * unrest)) return `!${target()}`;
    const tag = more.find((repository) => repository.tag !== undefined)?.tag;
    const tagged = tag !== undefined && chance(0.3) ? `@${tag}` : "";
    return `${target()}${tagged}${chance(0.4 * unrest) ? `${oneOf(["=", "~"])}${oneOf(versions)}` : ""}`;
  };
  // Of two wishes for a name apk takes the last, and we none.
  const requests = new Map([request(), ...some(2, request)].map((text) => [text.replace(/^!|[@=~].*$/g, ""), text]));
  return {
    repositories: [{ tag: undefined, lines: first }, ...more],
    wanted: chance(0.2) ? [] : [...new Set([target(), ...some(2, target)])],
    requests: [...requests.values()],
  };
}

/** The base that the wishes make out of the first repository alone; empty where they cannot be had. */
export function makeBase({ repositories, wanted }: DrawnCase): Pick<ResolveOptions, "installed" | "world"> {
  try {
    const nothing = { installed: [], world: [], ...openRepositories(repositories.slice(0, 1)) };
    const { added, world } = resolveApk({ ...nothing, requests: asked(wanted) });
    return { installed: readBase(added.map(({ stanza }) => `${stanza}\n\n`).join("")), world };
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    return { installed: [], world: [] };
  }
}
