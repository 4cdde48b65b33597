import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import { DhiError } from "../../../provider/errors.js";
import { resolveApk, type ResolveOptions } from "../../../provider/packages/apk/resolver.js";
import { formatWorld } from "../../../provider/packages/apk/world.js";
import { answer, compare } from "../../support/apk/compare.js";
import { drawCase, type DrawnCase } from "../../support/apk/drawn-case.js";
import { asked, openRepositories, readBase } from "../../support/apk/made-case.js";
import { ApkRoot, type Simulation } from "../../support/apk/root.js";
import { withoutChroot } from "./alpine-root.js";

const first = Number(process.env["DHI_SEED"] ?? 1) * 100_000;
const count = process.env["DHI_LONG"] === undefined ? 150 : 3000;

/** The base that the wishes make out of the first repository alone; empty where they cannot be had. */
function makeBase({ repositories, wanted }: DrawnCase): Pick<ResolveOptions, "installed" | "world"> {
  try {
    const nothing = { installed: [], world: [], ...openRepositories(repositories.slice(0, 1)) };
    const { added, world } = resolveApk({ ...nothing, requests: asked(wanted) });
    return { installed: readBase(added.map(({ stanza }) => `${stanza}\n\n`).join("")), world };
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    return { installed: [], world: [] };
  }
}

describe(`what apk 2.14 would add in ${String(count)} drawn archives, from seed ${String(first)}`, { skip: withoutChroot }, () => {
  let root: ApkRoot;
  before(async () => {
    root = await ApkRoot.open();
  });
  after(() => root.close());

  it("is what we add, and where it refuses, removes or goes back, we refuse", async (context) => {
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
      const difference = compare(apk, ours);
      return difference === "" ? [] : [`seed ${String(seed)}, ${requests.join(" ")}: ${difference}`];
    });
    const some = (has: (apk: Simulation) => boolean): number => simulations.filter(has).length;
    const refused = some(({ kind }) => kind === "refuses");
    const upgrades = some(({ upgraded }) => upgraded.length > 0);
    const removes = some(({ removed }) => removed.length > 0);
    context.diagnostic(
      `apk refuses ${String(refused)}, upgrades in ${String(upgrades)}, removes in ${String(removes)}; ${String(differences.length)} differ`,
    );
    assert.deepEqual(differences, []);
    assert.ok(count - refused > count / 5 && upgrades + removes > 0, "the archives are not what they should be");
  });
});
