import { readdirSync, readlinkSync } from "node:fs";

/** Kills what a killed CLI left running in a folder: language and provider hosts, which do not notice. */
export function endLeftovers(folder: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`).startsWith(`${folder}/`)) process.kill(Number(pid), "SIGKILL");
    } catch {
      // Ended meanwhile, or another user's.
    }
  }
}
