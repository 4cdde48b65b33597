import { describe, it } from "mocha";
import { Turns } from "../../provider/async/turns.js";
import { expect } from "../support/expectations.js";

describe("turns", () => {
  it("run work of one key one after the other, and of others beside it", async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
      return name;
    };
    const answers = await Promise.all([turns.run("a", work("1")), turns.run("a", work("2")), turns.run("b", work("3"))]);
    expect(answers).to.deep.equal(["1", "2", "3"]);
    expect(seen.filter((line) => !line.startsWith("3"))).to.deep.equal(["1 begins", "1 ends", "2 begins", "2 ends"]);
    expect(seen.indexOf("3 begins")).to.be.below(seen.indexOf("1 ends"));
  });

  it("go on after a failure", async () => {
    const turns = new Turns();
    const first = turns.run("a", () => Promise.reject(new Error("no")));
    const second = turns.run("a", () => Promise.resolve("yes"));
    await expect(first).to.be.rejectedWith("no");
    expect(await second).to.equal("yes");
  });
});
