import { describe, it } from "mocha";
import { DhiError } from "../../provider/errors.js";
import { atOnce, inTurns, type Steps } from "../../provider/rootfs/steps.js";
import { expect } from "../support/expectations.js";

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
    expect(await inTurns(counted(1000), undefined)).to.equal(1000);
    expect(atOnce(counted(1000))).to.equal(1000);
  });

  it("ends at the deadline, with its reason, though the steps never end", async () => {
    const abort = new AbortController();
    const reason = new DhiError("unavailable", "the operation took longer than dhi:timeout allows (0.01 s)");
    setTimeout(() => abort.abort(reason), 10);
    await expect(inTurns(endless(), abort.signal)).to.be.rejectedWithError(reason);
  });

  it("does not begin when it is already cancelled", async () => {
    await expect(inTurns(counted(1), AbortSignal.abort())).to.be.rejectedWithError({
      code: "cancelled",
      message: "the operation was cancelled",
    });
  });

  it("rethrows what a step throws", async () => {
    const broken = function* (): Steps<void> {
      yield;
      throw new DhiError("invalid", "broken");
    };
    await expect(inTurns(broken(), undefined)).to.be.rejectedWithError({ message: "broken" });
    expect(() => {
      atOnce(broken());
    }).to.throw(/broken/);
  });
});
