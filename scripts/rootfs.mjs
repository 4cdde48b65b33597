// Builds a root filesystem of the machine's own Debian release with mmdebstrap, from the archives that the machine's apt is configured
// with.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureCommands, mayInstall, updateApt } from "./apt.mjs";
import { cacheFolder, makeWorkFolder } from "./cache-folder.mjs";
import { run, runOrThrow, say } from "./run.mjs";

const maxAgeMs = 7 * 24 * 3600 * 1000;
/** 2026-01-01: later times in the tree are clamped to it. */
export const defaultEpoch = "1767225600";

/** Parses /etc/os-release: `{ id, codename, version }`. Throws unless it is Debian or a derivative. */
export function readRelease(text = readFileSync("/etc/os-release", "utf8")) {
  const fields = Object.fromEntries([...text.matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map(([, name, value]) => [name, value]));
  const { ID: id, VERSION_CODENAME: codename, VERSION_ID: version } = fields;
  if (!id || !codename)
    throw new Error("/etc/os-release names no release: the base image is built with mmdebstrap, so run this on Debian or Ubuntu");
  return { id, codename, version: version ?? codename };
}

const targetFields = ["REPO_URI", "RELEASE", "COMPONENT", "ORIGIN", "CODENAME"];

/** One-line apt sources from the output of `apt-get indextargets`: only the distribution's own. */
export function toSources(targets, { id, codename }, keyring) {
  const options = keyring ? `[signed-by=${keyring}] ` : "";
  const lines = targets
    .split("\n")
    .map((line) => line.split("|"))
    .filter(([, , , origin, name]) => origin?.toLowerCase() === id && (name === codename || name?.startsWith(`${codename}-`)))
    .filter(([, release]) => !release.endsWith("-backports"))
    .map(([uri, release, component]) => `deb ${options}${uri} ${release} ${component}`);
  return [...new Set(lines)];
}

async function readSources(release) {
  const keyring = `/usr/share/keyrings/${release.id}-archive-keyring.gpg`;
  const format = targetFields.map((field) => `$(${field})`).join("|");
  const list = async () => {
    const { output } = await runOrThrow("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
    return toSources(output, release, existsSync(keyring) ? keyring : undefined);
  };
  const sources = await list();
  if (sources.length > 0 || !mayInstall()) return sources;
  await updateApt();
  return list();
}

// The runtime creates device nodes, but the image must have the folder that it mounts over them; mmdebstrap can only leave out both.
async function addDevFolder(work, tar, epoch) {
  mkdirSync(join(work, "dev"));
  const looks = ["--owner=0", "--group=0", "--numeric-owner", "--mode=0755", `--mtime=@${epoch}`];
  await runOrThrow("tar", ["--append", `--file=${tar}`, ...looks, `--directory=${work}`, "./dev"]);
}

async function bootstrap(release, sources, file) {
  const work = makeWorkFolder(dirname(file));
  const list = join(work, "sources.list");
  const tar = join(work, "rootfs.tar");
  try {
    writeFileSync(list, `${sources.join("\n")}\n`);
    const args = ["--variant=apt", "--skip=output/dev", "--format=tar", release.codename, tar, list];
    const epoch = process.env.SOURCE_DATE_EPOCH || defaultEpoch;
    const env = { ...process.env, SOURCE_DATE_EPOCH: epoch };
    const { code, output } = await run("mmdebstrap", args, { env });
    if (code !== 0) {
      const last =
        output
          .trimEnd()
          .split("\n")
          .filter((line) => line.startsWith("E:"))
          .slice(-3)
          .join("\n") || output.trimEnd().split("\n").at(-1);
      const hint =
        process.getuid?.() === 0
          ? ""
          : "\nWithout root, mmdebstrap needs user namespaces (packages uidmap and a range in /etc/subuid); or run this as root.";
      throw new Error(`mmdebstrap could not build the root filesystem:\n${last}${hint}`);
    }
    await addDevFolder(work, tar, epoch);
    renameSync(tar, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The tar of a root filesystem of this machine's release: from the cache if at most a week old, else built (about 20 s).
 * Returns `{ file, release }`. Throws on a system other than Debian, without mmdebstrap, apt archive or network.
 */
export async function ensureRootfs() {
  const release = readRelease();
  const file = cacheFolder("base", `${release.id}-${release.codename}-${process.arch}.tar`);
  if (existsSync(file) && Date.now() - statSync(file).mtimeMs < maxAgeMs) return { file, release };
  const missing = await ensureCommands({ mmdebstrap: "mmdebstrap" });
  if (missing.length > 0)
    throw new Error("mmdebstrap, which builds the base image, is missing: run apt-get install mmdebstrap (as root), and run this again");
  const sources = await readSources(release);
  if (sources.length === 0)
    throw new Error(`apt has no archive of ${release.id} ${release.codename}: run apt-get update (as root), and run this again`);
  mkdirSync(dirname(file), { recursive: true });
  say(`Building a ${release.id} ${release.codename} root filesystem with mmdebstrap …`);
  const started = Date.now();
  await bootstrap(release, sources, file);
  say(`  root filesystem built in ${Math.round((Date.now() - started) / 1000)} s`);
  return { file, release };
}
