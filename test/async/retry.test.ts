import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { retry, type Outcome } from "../../provider/async/retry.js";

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

  it("gives the first result", async () => {
    const { tries, work } = failing(0, 3);
    assert.equal(await retry({ tries: 4, signal }, work), "done");
    assert.deepEqual(tries, [
      [1, false],
      [2, false],
      [3, false],
    ]);
  });

  it("throws the failure of the last try, which is told that it is the last", async () => {
    const { tries, work } = failing(0);
    await assert.rejects(retry({ tries: 3, signal }, work), { message: "3" });
    assert.deepEqual(tries.at(-1), [3, true]);
  });

  it("does not try again what would fail again", async () => {
    const { tries, work } = failing(undefined);
    await assert.rejects(retry({ tries: 3, signal }, work), { message: "1" });
    assert.equal(tries.length, 1);
  });

  it("throws at once what is thrown", async () => {
    let count = 0;
    const work = (): Promise<Outcome<string>> => Promise.reject(new Error(String((count += 1))));
    await assert.rejects(retry({ tries: 3, signal }, work), { message: "1" });
  });

  it("has a single try left when it is cancelled while it waits", async () => {
    const controller = new AbortController();
    const { tries, work } = failing(1_000_000);
    const trying = retry({ tries: 9, signal: controller.signal }, work);
    setImmediate(() => {
      controller.abort();
    });
    await assert.rejects(trying, { message: "2" });
    assert.deepEqual(tries, [
      [1, false],
      [2, true],
    ]);
  });
});
