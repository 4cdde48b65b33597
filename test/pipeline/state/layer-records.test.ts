import { describe, it } from "mocha";
import { parseLayerRecords } from "../../../provider/pipeline/state/layer-records.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";

describe("layer records in state", () => {
  const key = "a".repeat(64);
  const digest = `sha256:${"b".repeat(64)}`;
  const record = { digest, size: 1, diffId: digest };

  it("are parsed as they were written", () => {
    expect([...parseLayerRecords({ __layers: { [key]: record } })]).to.deep.equal([[key, record]]);
  });

  const odd: Readonly<Record<string, ValueMap>> = {
    "none at all": {},
    "no map": { __layers: [record] },
    "a key that is not one": { __layers: { [key.slice(1)]: record, [key.toUpperCase()]: record, constructor: record } },
    "no record": { __layers: { [key]: "x" } },
    "no digest": { __layers: { [key]: { ...record, digest: "latest" } } },
    "no diffID": { __layers: { [key]: { digest, size: 1 } } },
    "a size of zero": { __layers: { [key]: { ...record, size: 0 } } },
    "a size that is no integer": { __layers: { [key]: { ...record, size: 1.5 } } },
    "a size that is text": { __layers: { [key]: { ...record, size: "1" } } },
  };
  for (const [name, state] of Object.entries(odd)) {
    it(`are ignored with ${name}`, () => {
      expect(parseLayerRecords(state).size).to.equal(0);
    });
  }
});
