import { it } from "mocha";
import { wait } from "../../provider/async/wait.js";
import { expect } from "../support/expectations.js";

it("a wait is rejected as soon as it is cancelled", async () => {
  const controller = new AbortController();
  const waiting = wait(1_000_000, controller.signal);
  controller.abort();
  await expect(waiting).to.be.rejected;
  await expect(wait(1, controller.signal)).to.be.rejected;
});
