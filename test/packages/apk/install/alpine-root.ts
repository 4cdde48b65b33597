import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// As scripts/test.mjs looks for them: beside the project.
const fixtures = process.env["DHI_FIXTURES"] ?? join(__dirname, "..", "..", "..", "..", "..", "..", "shared", "fixtures");

/** Alpine 3.19's own material (shared/fixtures); undefined where it is absent. */
export const alpine = existsSync(join(fixtures, "alpine-3.19")) ? join(fixtures, "alpine-3.19") : undefined;

/** Why what needs Alpine's own material is skipped. */
export const withoutAlpine = alpine === undefined ? "DHI_FIXTURES names no folder with Alpine's material" : false;

/** Why what runs Alpine's programs is skipped. */
export const withoutChroot =
  withoutAlpine !== false
    ? withoutAlpine
    : process.getuid?.() !== 0
      ? "chroot needs root"
      : process.arch !== "x64"
        ? "the root filesystem is for x86_64"
        : false;

/** Unpacks the root filesystem for x86_64 into a temporary folder, for the time of `work`. */
export function withRoot<T>(work: (root: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), "dhi-alpine-"));
  try {
    const archive = join(alpine ?? "", "alpine-minirootfs-3.19.4-x86_64.tar.gz");
    const unpacked = spawnSync("tar", ["-xzf", archive, "-C", root], { encoding: "utf8" });
    if (unpacked.status !== 0) throw new Error(unpacked.stderr);
    return work(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs a shell script in it. */
export function inRoot(root: string, script: string, input = ""): string {
  const run = spawnSync("chroot", [root, "/bin/sh", "-c", script], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  if (run.status !== 0) throw new Error(`${script.slice(0, 100)}: ${run.stderr}`);
  return run.stdout;
}
