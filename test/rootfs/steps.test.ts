import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { DhiError } from "../../provider/errors.js";
import { atOnce, inTurns, type Steps } from "../../provider/rootfs/steps.js";

/** Steps that never end. */
function* endless(): Steps<void> {
  for (;;) yield;
}

function* counted(count: number): Steps<number> {
  for (let at = 0; at < count; at += 1) yield;
  return count;
}

describe("work in steps", () => {
  it("returns its result, in turns and at once", async () => {
    assert.equal(await inTurns(counted(1000), undefined), 1000);
    assert.equal(atOnce(counted(1000)), 1000);
  });

  it("ends at the deadline, with its reason, though the steps never end", async () => {
    const abort = new AbortController();
    const reason = new DhiError("unavailable", "the operation took longer than dhi:timeout allows (0.01 s)");
    setTimeout(() => abort.abort(reason), 10);
    await assert.rejects(inTurns(endless(), abort.signal), reason);
  });

  it("does not begin when it is already cancelled", async () => {
    await assert.rejects(inTurns(counted(1), AbortSignal.abort()), { code: "cancelled", message: "the operation was cancelled" });
  });

  it("rethrows what a step throws", async () => {
    const broken = function* (): Steps<void> {
      yield;
      throw new DhiError("invalid", "broken");
    };
    await assert.rejects(inTurns(broken(), undefined), { message: "broken" });
    assert.throws(() => {
      atOnce(broken());
    }, /broken/);
  });
});
