// The registry tools that tests use: crane, regctl, the registry of distribution v3, and olareg, each at the version in tools/<name>/go.mod.
import { existsSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, makeWorkFolder } from "./cache-folder.mjs";
import { buildTool, readTool } from "./go-build.mjs";
import { ensurePulumi } from "./pulumi-cli.mjs";
import { runMain, say } from "./run.mjs";

export { ensurePulumi };

/** All tools that tests use besides the Pulumi CLI. */
export const testTools = ["crane", "regctl", "registry", "olareg"];

function linkTool(target, link) {
  try {
    if (readlinkSync(link) === target) return;
  } catch {
    // no link yet
  }
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, link);
}

/**
 * Ensures that the named tools are built, each at the version that tools/<name>/go.mod pins, and returns the folder that contains
 * a link to each: `<cache>/tools/bin`.
 */
export async function ensureTools(names = testTools) {
  const bin = cacheFolder("tools", "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of names) {
    const { version } = readTool(name);
    const folder = cacheFolder("tools", `${name}-${version}`);
    if (!existsSync(join(folder, name))) {
      const work = makeWorkFolder(cacheFolder("tools"));
      try {
        await buildTool(name, join(work, name), { flags: ["-ldflags", "-s -w"] });
        if (!existsSync(folder)) renameSync(work, folder);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    }
    linkTool(join("..", `${name}-${version}`, name), join(bin, name));
  }
  return bin;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async (names) => {
    if (names.length === 0 || names.includes("pulumi")) say(`pulumi: ${(await ensurePulumi()).folder}`);
    const others = names.length === 0 ? testTools : names.filter((name) => name !== "pulumi");
    if (others.length > 0) say(`${others.join(", ")}: ${await ensureTools(others)}`);
  });
}
