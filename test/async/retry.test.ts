import { describe, it } from "mocha";
import { retry, type Outcome } from "../../provider/async/retry.js";
import { expect } from "../support/expectations.js";

describe("retry", () => {
  const failing = (delay: number | undefined, successAt = Infinity) => {
    const tries: (readonly [number, boolean])[] = [];
    const work = (attempt: number, isLast: boolean): Promise<Outcome<string>> => {
      tries.push([attempt, isLast]);
      return Promise.resolve(attempt >= successAt ? { result: "done" } : { failure: new Error(String(attempt)), delay });
    };
    return { tries, work };
  };
  const signal = undefined;

  it("returns the first result", async () => {
    const { tries, work } = failing(0, 3);
    expect(await retry({ tries: 4, signal }, work)).to.equal("done");
    expect(tries).to.deep.equal([
      [1, false],
      [2, false],
      [3, false],
    ]);
  });

  it("throws the failure of the last try, which is marked as the last", async () => {
    const { tries, work } = failing(0);
    await expect(retry({ tries: 3, signal }, work)).to.be.rejectedWithError({ message: "3" });
    expect(tries.at(-1)).to.deep.equal([3, true]);
  });

  it("does not retry a permanent failure", async () => {
    const { tries, work } = failing(undefined);
    await expect(retry({ tries: 3, signal }, work)).to.be.rejectedWithError({ message: "1" });
    expect(tries.length).to.equal(1);
  });

  it("passes on a thrown error immediately", async () => {
    let count = 0;
    const work = (): Promise<Outcome<string>> => Promise.reject(new Error(String((count += 1))));
    await expect(retry({ tries: 3, signal }, work)).to.be.rejectedWithError({ message: "1" });
  });

  it("makes one more try when it is cancelled while waiting", async () => {
    const controller = new AbortController();
    const { tries, work } = failing(1_000_000);
    const trying = retry({ tries: 9, signal: controller.signal }, work);
    setImmediate(() => {
      controller.abort();
    });
    await expect(trying).to.be.rejectedWithError({ message: "2" });
    expect(tries).to.deep.equal([
      [1, false],
      [2, true],
    ]);
  });
});
