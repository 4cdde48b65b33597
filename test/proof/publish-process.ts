import { readFileSync } from "node:fs";
import { asError } from "../../provider/errors.js";
import { publish } from "../support/session/publish.js";
import { openSession } from "../support/session/session.js";
import type { PublishAnswer, PublishJob } from "./publish-in-process.js";

/** The process of `publishInProcess`. */
process.once("message", (job: PublishJob) => {
  if (job.umask !== undefined) process.umask(job.umask);
  const session = openSession(job);
  const tell = (answer: PublishAnswer): void => {
    process.send?.(answer, () => process.disconnect());
  };
  Promise.all(job.inputs.map((inputs) => publish(session, job.resource ?? "customization", inputs))).then(
    (images) => tell({ peak: peakMemory(), images }),
    (thrown: unknown) => tell({ peak: peakMemory(), images: [], error: asError(thrown).message }),
  );
});

/** `resourceUsage().maxRSS` would include the parent's memory at the fork (proc_pid_status(5), VmHWM). */
function peakMemory(): number {
  return Number(/^VmHWM:\s*([0-9]+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}
