import { strict as assert } from "node:assert";
import { it } from "node:test";
import { wait } from "../../provider/async/wait.js";

it("stops waiting when cancelled", async () => {
  const controller = new AbortController();
  const waiting = wait(1_000_000, controller.signal);
  controller.abort();
  await assert.rejects(waiting);
  await assert.rejects(wait(1, controller.signal));
});
