import { spawnSync } from "node:child_process";
import { describe, it } from "mocha";
import { DhiError } from "../../provider/errors.js";
import { chainNames, extendChain, formatChain, MAX_CHAIN, type Chain } from "../../provider/packages/chain.js";
import { resolveMade as resolveAlpine } from "../support/apk/made-case.js";
import { resolveMade as resolveDebian } from "../support/apt/made-archive.js";
import { expect } from "../support/expectations.js";

const length = 20_000;
const names = Array.from({ length }, (_, at) => `p${at}`);
const next = (at: number, field: string): string => (at + 1 < length ? `; ${field}: p${at + 1}` : "");

const families: Readonly<Record<string, () => number>> = {
  Debian: () => resolveDebian({ archive: names.map((name, at) => `${name} 1${next(at, "Depends")}`), ask: ["p0"] }).added.length,
  Alpine: () => resolveAlpine({ archive: names.map((name, at) => `${name} 1${next(at, "D")}`), ask: ["p0"] }).added.length,
};

/** apk's own way looks at all open names for each that it settles, so that 20 million looks are not enough. */
const outcomes: Readonly<Record<string, number | string>> = { Debian: length, Alpine: "limit" };

function attempt(family: string): number | string | undefined {
  try {
    return families[family]?.();
  } catch (thrown) {
    return thrown instanceof DhiError ? thrown.code : String(thrown);
  }
}

const [, , own] = process.argv;
if (own !== undefined && Object.hasOwn(families, own)) {
  const outcome = attempt(own);
  process.stdout.write(JSON.stringify({ outcome, mebibytes: process.resourceUsage().maxRSS / 1024 }));
} else {
  describe("20,000 packages that each need the next", () => {
    for (const family of Object.keys(families)) {
      it(`are resolved, or rejected as too many, in 350 MiB: ${family}`, () => {
        // Coverage takes memory of its own.
        const { NODE_V8_COVERAGE: _, ...env } = process.env;
        const { stdout, stderr } = spawnSync(process.execPath, [__filename, family], { encoding: "utf8", timeout: 300_000, env });
        const { outcome, mebibytes } = JSON.parse(stdout === "" ? stderr : stdout) as { outcome: unknown; mebibytes: number };
        expect(outcome).to.equal(outcomes[family]);
        expect(mebibytes, String(mebibytes)).to.be.below(350);
      });
    }
  });

  describe("a chain of dependencies", () => {
    const chain = (links: number): Chain =>
      names.slice(1, links).reduce((before, name) => extendChain(before, name), extendChain(undefined, "p0"));

    it("is shown whole up to its limit, and beyond by its ends", () => {
      expect(chainNames(chain(MAX_CHAIN))).to.deep.equal(names.slice(0, MAX_CHAIN));
      const told = chainNames(chain(MAX_CHAIN + 1));
      expect(told).to.deep.equal([...names.slice(0, MAX_CHAIN / 2), "… (1 more) …", ...names.slice(MAX_CHAIN / 2 + 1, MAX_CHAIN + 1)]);
      expect(formatChain(chain(3))).to.equal("p0 -> p1 -> p2");
    });
  });
}
