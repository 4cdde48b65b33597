import { describe, it } from "mocha";
import { finishParallel } from "../../provider/async/parallel.js";
import { expect } from "../support/expectations.js";

describe("parallel work that ends before it fails", () => {
  it("gives the results in order", async () => {
    expect(await finishParallel([3, 1, 2], 2, (one) => Promise.resolve([one]))).to.deep.equal([[3], [1], [2]]);
  });

  it("throws the first error once what is under way has ended, and starts nothing more", async () => {
    const ended: number[] = [];
    const work = async (one: number): Promise<void> => {
      if (one === 1) throw new Error("first");
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(one);
    };
    await expect(finishParallel([0, 1, 2, 3], 2, work)).to.be.rejectedWith("first");
    expect(ended).to.deep.equal([0]);
  });
});
