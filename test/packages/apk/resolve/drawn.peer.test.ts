import { after, before, describe, it } from "mocha";
import { formatWorld } from "../../../../provider/packages/apk/resolve/world.js";
import { answer, compare } from "../../../support/apk/compare.js";
import { drawCase, makeBase } from "../../../support/apk/drawn-case.js";
import { asked, openRepositories } from "../../../support/apk/made-case.js";
import { ApkRoot, type Simulation } from "../../../support/apk/root.js";
import { expect } from "../../../support/expectations.js";
import { note } from "../../../support/running-test.js";
import { suiteUnless } from "../../../support/skips.js";
import { withoutChroot } from "../install/alpine-root.js";

const first = Number(process.env["DHI_SEED"] ?? 1) * 100_000;
const count = process.env["DHI_LONG"] === undefined ? 150 : 3000;

describe(
  `what apk 2.14 would add in ${String(count)} drawn archives, from seed ${String(first)}`,
  suiteUnless(withoutChroot, () => {
    let root: ApkRoot;
    before(async () => {
      root = await ApkRoot.open();
    });
    after(() => root.close());

    it("is what we add; we refuse where apk refuses, removes or downgrades", async () => {
      const cases = await Promise.all(
        Array.from({ length: count }, async (_, at) => {
          const drawn = drawCase(first + at);
          const base = makeBase(drawn);
          const installed = base.installed.map(({ stanza }) => `${stanza}\n\n`).join("");
          const { repositories } = drawn;
          const folder = await root.addCase(String(at), { base: installed, world: formatWorld(base.world), repositories });
          return { ...drawn, base, folder, seed: first + at };
        }),
      );
      const simulations = await root.simulate(
        cases.map(({ requests }) => requests),
        cases.map(({ folder }) => folder),
      );
      const differences = cases.flatMap(({ repositories, base, requests, seed }, at) => {
        const apk = simulations[at];
        if (apk === undefined) return [`${String(seed)}: apk says nothing`];
        const ours = answer({ ...openRepositories(repositories), ...base, requests: asked(requests) });
        // What apk would remove anyway, since the archive has changed, is kept: resolve-property.test.ts sees that all fits.
        if (apk.removed.length > 0) return [];
        const difference = compare(apk, ours);
        return difference === "" ? [] : [`seed ${String(seed)}, ${requests.join(" ")}: ${difference}`];
      });
      const some = (has: (apk: Simulation) => boolean): number => simulations.filter(has).length;
      const refused = some(({ kind }) => kind === "refuses");
      const upgrades = some(({ upgraded }) => upgraded.length > 0);
      const removes = some(({ removed }) => removed.length > 0);
      note(
        `apk refuses ${String(refused)}, upgrades in ${String(upgrades)}, removes in ${String(removes)}; ${String(differences.length)} differ`,
      );
      expect(differences).to.deep.equal([]);
      expect(count - refused, "the archives are not what they should be").to.be.above(count / 5);
      expect(upgrades + removes, "the archives are not what they should be").to.be.above(0);
    });
  }),
);
