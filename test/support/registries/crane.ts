import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, freePort, isListening, startService } from "./process.js";

export interface StartedCrane {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** go-containerregistry's registry: relative Locations, mounts answered with 202, deletion by tag. Undefined without crane. */
export async function startCraneRegistry(): Promise<StartedCrane | undefined> {
  const program = findProgram("crane");
  if (program === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "dhi-crane-"));
  const port = await freePort();
  const args = ["registry", "serve", "--disk", folder, "--address", `127.0.0.1:${port}`];
  const service = await startService(program, args, process.env, () => isListening(port));
  return {
    host: `127.0.0.1:${port}`,
    log: service.output,
    stop: async () => {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
