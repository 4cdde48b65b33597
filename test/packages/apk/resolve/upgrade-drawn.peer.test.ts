import { after, before, describe, it } from "mocha";
import { changeWorld, formatWorld, readRequest } from "../../../../provider/packages/apk/resolve/world.js";
import { answer, compare } from "../../../support/apk/compare.js";
import { drawCase, makeBase, type DrawnCase } from "../../../support/apk/drawn-case.js";
import { asked, openRepositories } from "../../../support/apk/made-case.js";
import { ApkRoot, type Simulation } from "../../../support/apk/root.js";
import { expect } from "../../../support/expectations.js";
import { note } from "../../../support/running-test.js";
import { suiteUnless } from "../../../support/skips.js";
import { withoutChroot } from "../install/alpine-root.js";

const first = Number(process.env["DHI_SEED"] ?? 1) * 100_000;
const count = process.env["DHI_LONG"] === undefined ? 150 : 3000;

/** An archive of later versions of the same names. */
function makeNewer({ repositories }: DrawnCase): readonly string[] {
  return (repositories[0]?.lines ?? []).map((line) =>
    line.replace(/^(\S+) (\d)/, (_, name: string, version: string) => `${name} ${String(Number(version) + 3)}`),
  );
}

describe(
  `what apk 2.14 would upgrade in ${String(count)} drawn archives, from seed ${String(first)}`,
  suiteUnless(withoutChroot, () => {
    let root: ApkRoot;
    before(async () => {
      root = await ApkRoot.open();
    });
    after(() => root.close());

    for (const what of ["of the base alone", "with packages that are asked for"])
      it(`is what we upgrade, ${what}; we refuse where apk refuses, removes or downgrades`, async () => {
        const isAlone = what === "of the base alone";
        const cases = await Promise.all(
          Array.from({ length: count }, async (_, at) => {
            const drawn = drawCase(first + at);
            const base = makeBase(drawn);
            const requests = asked(isAlone ? [] : drawn.requests);
            const repositories = [...drawn.repositories, { lines: makeNewer(drawCase(first + count + at)) }];
            const folder = await root.addCase(`${isAlone ? "alone" : "asked"}-${String(at)}`, {
              base: base.installed.map(({ stanza }) => `${stanza}\n\n`).join(""),
              world: formatWorld(changeWorld(base.world, requests.map(readRequest))),
              repositories,
            });
            return { repositories, base, requests, folder, seed: first + at };
          }),
        );
        const simulations = await root.simulateUpgrades(cases.map(({ folder }) => folder));
        const differences = cases.flatMap(({ repositories, base, requests, seed }, at) => {
          const apk: Simulation | undefined = simulations[at];
          if (apk === undefined) return [`${String(seed)}: apk says nothing`];
          // What apk would remove anyway, since the archive has changed, is kept.
          if (apk.removed.length > 0) return [];
          const difference = compare(apk, answer({ ...openRepositories(repositories), ...base, requests, upgrade: "all" }));
          return difference === "" ? [] : [`seed ${String(seed)}: ${difference}`];
        });
        const some = (has: (apk: Simulation) => boolean): number => simulations.filter(has).length;
        const refused = some(({ kind }) => kind === "refuses");
        const upgrades = some(({ upgraded }) => upgraded.length > 0);
        const removes = some(({ removed }) => removed.length > 0);
        note(
          `apk refuses ${String(refused)}, upgrades in ${String(upgrades)}, removes in ${String(removes)}; ${String(differences.length)} differ`,
        );
        expect(differences).to.deep.equal([]);
        expect(upgrades, "the archives are not what they should be").to.be.above(count / 20);
      });
  }),
);
