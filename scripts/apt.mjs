// Debian packages that scripts need, through the machine's own apt.
import { findOnPath, run, say } from "./run.mjs";

/** Whether this process may install packages: root on a machine with apt-get. */
export const mayInstall = () => process.getuid?.() === 0 && findOnPath("apt-get") !== undefined;

const extraFolders = "/usr/sbin:/sbin:/usr/local/sbin";
const isThere = (command) => findOnPath(command, `${process.env.PATH ?? ""}:${extraFolders}`) !== undefined;

let updated = false;

async function runApt(args) {
  return run("apt-get", args, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
}

/** Refreshes apt's package lists, once per process. */
export async function updateApt() {
  if (updated) return;
  updated = true;
  const { code, output } = await runApt(["update", "-q"]);
  if (code !== 0) say(`apt-get update failed: ${output.trimEnd().split("\n").at(-1)}`);
}

/**
 * Installs the missing ones of `{ command: package }` where possible. Returns the commands that are still missing.
 */
export async function ensureCommands(wanted) {
  const missing = Object.keys(wanted).filter((command) => !isThere(command));
  if (missing.length === 0 || !mayInstall()) return missing;
  const packages = [...new Set(missing.map((command) => wanted[command]))];
  say(`Installing ${packages.join(" ")} with apt-get …`);
  await updateApt();
  const { code, output } = await runApt(["install", "-y", "-q", "--no-install-recommends", ...packages]);
  if (code !== 0) say(`apt-get install failed: ${output.trimEnd().split("\n").slice(-3).join(" | ")}`);
  return missing.filter((command) => !isThere(command));
}
