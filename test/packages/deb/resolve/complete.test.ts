import fc from "fast-check";
import { describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { added } from "../../../support/apt/made-archive.js";
import { expect } from "../../../support/expectations.js";

type Wanted = readonly [name: string, constraint: string];

interface Small {
  readonly name: string;
  readonly version: number;
  readonly depends: readonly (readonly Wanted[])[];
  readonly excludes: readonly Wanted[];
  readonly provides: readonly string[];
}

const names = ["a", "b", "c", "d", "e", "f"];
const virtual = ["v", "w"];
const wanted = fc.tuple(fc.constantFrom(...names, ...virtual), fc.constantFrom("", "", "", "(>= 2)", "(<< 2)", "(= 1)", "(= 2)"));
const small = (version: number): fc.Arbitrary<Omit<Small, "name">> =>
  fc.record({
    version: fc.constant(version),
    depends: fc.array(fc.array(wanted, { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
    excludes: fc.array(wanted, { maxLength: 1 }),
    provides: fc.subarray(virtual, { maxLength: 1 }),
  });
const perName = fc.record({ installed: fc.option(small(1)), first: fc.option(small(1)), second: fc.option(small(2)) });
const world = fc.record({
  all: fc.tuple(...names.map(() => perName)),
  ask: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
});

const fits = (version: number, constraint: string): boolean => {
  const [, relation = "", other = ""] = /^\((\S+) (\d)\)$/.exec(constraint) ?? [];
  return { "": true, ">=": version >= Number(other), "<<": version < Number(other), "=": version === Number(other) }[relation] ?? false;
};
const matches = ([name, constraint]: Wanted, found: Small): boolean =>
  name === found.name ? fits(found.version, constraint) : constraint === "" && found.provides.includes(name);
const isMet = (group: readonly Wanted[], all: readonly Small[]): boolean => group.some((one) => all.some((found) => matches(one, found)));
const clash = (one: Small, other: Small): boolean => one.name !== other.name && one.excludes.some((exclusion) => matches(exclusion, other));

/** Whether packages can be together; `old`: those of the base, which get along already. */
function isSound(all: readonly Small[], old: readonly Small[]): boolean {
  return all.every(
    (found) =>
      found.depends.every((group) => isMet(group, all)) &&
      all.every((other) => !clash(found, other) || (old.includes(found) && old.includes(other))),
  );
}

function toLine({ name, version, depends, excludes, provides }: Small): string {
  const format = ([one, constraint]: Wanted): string => `${one} ${constraint}`.trim();
  const fields = [
    ["Depends", depends.map((group) => group.map(format).join(" | ")).join(", ")],
    ["Conflicts", excludes.map(format).join(", ")],
    ["Provides", provides.join(", ")],
  ];
  return [`${name} ${version}`, ...fields.filter(([, text]) => text !== "").map(([field, text]) => `${field}: ${text}`)].join("; ");
}

describe("the resolver on any small archive", () => {
  it("finds a solution if there is one", () => {
    const outcomes = { yes: 0, no: 0, upgrades: 0 };
    fc.assert(
      fc.property(world, ({ all, ask }) => {
        const named = (found: Omit<Small, "name"> | null, at: number): readonly Small[] =>
          found === null ? [] : [{ ...found, name: names[at] ?? "" }];
        const base = all.flatMap(({ installed }, at) => named(installed, at));
        fc.pre(isSound(base, []));
        const archive = all.flatMap(({ first, second }, at) => [...named(first, at), ...named(second, at)]);
        const installed = (name: string): Small | undefined => base.find((one) => one.name === name);
        const candidate = (name: string): Small | undefined => {
          const [best] = archive.filter((one) => one.name === name).toSorted((one, other) => other.version - one.version);
          const own = installed(name);
          return best === undefined || (own !== undefined && own.version >= best.version) ? own : best;
        };
        fc.pre(ask.every((name) => candidate(name) !== undefined));

        const isAnswer = (selection: readonly Small[]): boolean =>
          ask.every((name) => selection.some((one) => one.name === name)) && isSound(selection, base);
        const selections = names.reduce<readonly (readonly Small[])[]>(
          (before, name) => {
            const own = installed(name);
            const best = candidate(name);
            const choices = [own === undefined ? [] : [own], ...(best === undefined || best === own ? [] : [[best]])];
            return before.flatMap((selection) => choices.map((choice) => [...selection, ...choice]));
          },
          [[]],
        );
        let found: readonly string[] | undefined;
        try {
          found = added({ archive: archive.map(toLine), base: base.map(toLine), ask });
        } catch (thrown) {
          if (!(thrown instanceof DhiError) || thrown.code !== "conflict") throw thrown;
        }
        if (found === undefined) {
          outcomes.no += 1;
          expect(selections.find(isAnswer), "there is an answer").to.equal(undefined);
          return;
        }
        outcomes.yes += 1;
        const taken = found.map((text) => archive.find((one) => `${one.name} ${one.version}` === text) ?? expect.fail(`no ${text}`));
        if (taken.some(({ name }) => installed(name) !== undefined)) outcomes.upgrades += 1;
        expect(
          taken.every((one) => candidate(one.name) === one),
          "candidates alone",
        ).to.equal(true);
        const kept = base.filter(({ name }) => !taken.some((one) => one.name === name));
        expect(isAnswer([...kept, ...taken]), "it holds").to.equal(true);
      }),
      { numRuns: 3000, ...(process.env["DHI_SEED"] === undefined ? {} : { seed: Number(process.env["DHI_SEED"]) }) },
    );
    for (const [outcome, times] of Object.entries(outcomes)) expect(times, `only ${times} times ${outcome}`).to.be.above(20);
  });
});
