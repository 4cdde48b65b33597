import { readdirSync, readlinkSync } from "node:fs";

/** Ends what a killed CLI has left running in a folder: the hosts of language and providers, which do not notice. */
export function endLeftovers(folder: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`)) process.kill(Number(pid), "SIGKILL");
    } catch {
      // Ended meanwhile, or somebody else's.
    }
  }
}
