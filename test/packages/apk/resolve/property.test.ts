import fc from "fast-check";
import { it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { parseStanza } from "../../../../provider/packages/apk/formats/package-stanza.js";
import { resolveApk, type ApkResolution, type ResolveOptions } from "../../../../provider/packages/apk/resolve/resolver.js";
import { findBroken, mergePackages } from "../../../support/apk/broken.js";
import { drawCase, makeBase } from "../../../support/apk/drawn-case.js";
import { asked, openRepositories } from "../../../support/apk/made-case.js";
import { expect } from "../../../support/expectations.js";

const numbers = fc.integer({ min: 1, max: 2 ** 31 });

function tryTo(options: ResolveOptions): ApkResolution | DhiError {
  try {
    return resolveApk(options);
  } catch (thrown) {
    if (thrown instanceof DhiError) return thrown;
    throw thrown;
  }
}

it("what is added satisfies every dependency and conflict, keeps the base, and is the same each time", () => {
  let answers = 0;
  fc.assert(
    fc.property(numbers, (seed) => {
      const drawn = drawCase(seed);
      const { installed, world } = makeBase(drawn);
      const options = { ...openRepositories(drawn.repositories), installed, world, requests: asked(drawn.requests) };
      const found = tryTo(options);
      if (found instanceof DhiError) {
        expect(["conflict", "not-found"], found.message).to.include(found.code);
        return;
      }
      answers += 1;
      const added = found.added.map(({ stanza }) => parseStanza(stanza, "added"));
      expect(findBroken(mergePackages(installed, added), found.world)).to.deep.equal([]);
      const again = tryTo({ ...options, ...openRepositories(drawn.repositories) });
      expect(again instanceof DhiError ? again : again.added.map(({ stanza }) => stanza)).to.deep.equal(
        found.added.map(({ stanza }) => stanza),
      );
    }),
    { numRuns: 500 },
  );
  expect(answers, `only ${String(answers)} of 500 could be had`).to.be.above(100);
});

it("dependencies come first, except in cycles", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 12, maxLength: 12 }), (targets) => {
      const archive = targets.map((target, at) => `p${String(at)} 1; D: p${String(Math.max(0, at - 1 - target))}`);
      const options = { ...openRepositories([{ lines: archive }]), installed: [], world: [] };
      const { added } = resolveApk({ ...options, requests: asked(["p11"]) });
      const order = added.map(({ name }) => Number(name.slice(1)));
      expect(order).to.deep.equal(order.toSorted((one, other) => one - other));
    }),
  );
});
