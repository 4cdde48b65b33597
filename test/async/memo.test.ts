import { setImmediate as turn } from "node:timers/promises";
import { describe, it } from "mocha";
import { Memo, once, type Keep } from "../../provider/async/memo.js";
import { expect } from "../support/expectations.js";

/** Work that counts how often it was started. */
const counted = (fails: boolean) => {
  const counter = { begun: 0 };
  const work = async (): Promise<number> => {
    counter.begun += 1;
    const at = counter.begun;
    await turn();
    if (fails) throw new Error(String(at));
    return at;
  };
  return { counter, work };
};

describe("a memo", () => {
  const table: readonly (readonly [string, Keep | undefined, boolean, boolean])[] = [
    ["successes by default", undefined, true, false],
    ["successes", "successes", true, false],
    ["all", "all", true, true],
    ["nothing", "nothing", false, false],
    ["failures that a function names", () => true, true, true],
    ["no failures that a function does not name", () => false, true, false],
  ];
  for (const [name, keep, keepsSuccess, keepsFailure] of table) {
    it(`keeps ${name}, and starts work once while it is in progress`, async () => {
      for (const fails of [false, true]) {
        const memo = new Memo<number>(keep);
        const { counter, work } = counted(fails);
        const first = await Promise.allSettled([memo.run("a", work), memo.run("a", work)]);
        expect(counter.begun).to.equal(1);
        expect(first[0]).to.deep.equal(first[1]);
        await Promise.allSettled([memo.run("a", work), memo.run("b", work)]);
        expect(counter.begun).to.equal((fails ? keepsFailure : keepsSuccess) ? 2 : 3);
      }
    });
  }

  it("has dropped a failure by the time its caller sees it", async () => {
    const memo = new Memo<number>();
    const { counter, work } = counted(true);
    await memo.run("a", work).catch(() => memo.run("a", work).catch(() => undefined));
    expect(counter.begun).to.equal(2);
  });

  it("deletes only the given result", async () => {
    const memo = new Memo<number>();
    const old = memo.run("a", () => Promise.resolve(1));
    memo.set("a", Promise.resolve(2));
    memo.delete("a", old);
    expect(await memo.get("a")).to.equal(2);
    expect(memo.entries().map(([key]) => key)).to.deep.equal(["a"]);
    memo.delete("a");
    expect(memo.get("a")).to.equal(undefined);
  });

  it("keeps a new result when the work that it replaced fails", async () => {
    const memo = new Memo<number>();
    const { work } = counted(true);
    const old = memo.run("a", work);
    memo.set("a", Promise.resolve(2));
    await expect(old).to.be.rejected;
    expect(await memo.get("a")).to.equal(2);
  });
});

describe("once", () => {
  it("starts work on the first call, and again after a failure", async () => {
    const { counter, work } = counted(true);
    const ask = once(work);
    expect(counter.begun).to.equal(0);
    await Promise.allSettled([ask(), ask()]);
    expect(counter.begun).to.equal(1);
    await expect(ask()).to.be.rejectedWithError({ message: "2" });
  });

  it("keeps a failure when configured to", async () => {
    const ask = once(counted(true).work, "all");
    await expect(ask()).to.be.rejectedWithError({ message: "1" });
    await expect(ask()).to.be.rejectedWithError({ message: "1" });
  });
});
