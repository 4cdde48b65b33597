import { DhiError } from "../../../provider/errors.js";
import { seeded } from "./draw.js";
import { added } from "./made-archive.js";

/** A base, and an archive that has gone on since, drawn so that upgrades get in each other's way. */
export interface DrawnUpgrade {
  readonly base: readonly string[];
  readonly archive: readonly string[];
}

const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
const virtuals = ["v", "w"];
const sources = ["s", "t"];

export function drawUpgrade(seed: number): DrawnUpgrade {
  const random = seeded(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const chance = (share: number): boolean => random() < share;
  const some = (most: number, make: () => string): readonly string[] => Array.from({ length: below(most + 1) }, make);
  const unrest = oneOf([0.1, 0.3, 0.6, 1]);

  const lines = (version: number, share: number, more: readonly string[]): readonly string[] => {
    const constraint = (): string => (chance(0.5 * unrest) ? ` (${oneOf(["=", ">=", "<<", ">="])} ${String(version + below(2))})` : "");
    const target = (): string => (chance(0.15) ? oneOf(virtuals) : `${oneOf([...names, ...more])}${constraint()}`);
    const group = (): string => (chance(0.2) ? `${target()} | ${target()}` : target());
    const field = (name: string, items: readonly string[]): string => (items.length === 0 ? "" : `; ${name}: ${items.join(", ")}`);
    return [...names, ...more].flatMap((name) => {
      if (!chance(share)) return [];
      const depends = field("Depends", some(2, group));
      const provides = chance(0.2) ? `; Provides: ${oneOf(virtuals)}` : "";
      const negative = chance(0.3 * unrest)
        ? field(oneOf(["Breaks", "Conflicts"]), [`${oneOf(names)} (<< ${String(version + below(2))})`])
        : "";
      const source = chance(0.2) ? `; Source: ${oneOf(sources)}` : "";
      return [`${name} ${String(version)}${depends}${provides}${negative}${source}`];
    });
  };
  const first = lines(1, 1, []);
  const base = wholeBase(
    first,
    names.filter(() => chance(0.5)),
  );
  return { base, archive: [...first.filter(() => chance(0.5)), ...lines(2, 0.8, ["n", "o"])] };
}

/** What the wishes bring in; without those that cannot be had. */
function wholeBase(archive: readonly string[], wishes: readonly string[]): readonly string[] {
  try {
    const there = new Set(added({ archive, ask: wishes }));
    return archive.filter((line) => there.has(line.split(";")[0] ?? ""));
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    return wishes.length === 0 ? [] : wholeBase(archive, wishes.slice(1));
  }
}
