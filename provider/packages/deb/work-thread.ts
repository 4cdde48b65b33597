import { parentPort } from "node:worker_threads";
import { describeFailure, runJob, type Job, type Outcome } from "./work.js";

async function answer(job: Job): Promise<Outcome> {
  try {
    await runJob(job);
    return { kind: "done", heap: process.memoryUsage().heapTotal };
  } catch (thrown) {
    return describeFailure(thrown);
  }
}

parentPort?.on("message", (job: Job) => void answer(job).then((outcome) => parentPort?.postMessage(outcome)));
