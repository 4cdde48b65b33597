// This clone: its installed packages and compiled sources.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, makeWorkFolder } from "./cache-folder.mjs";
import { runOrThrow, run, say } from "./run.mjs";

/** The folder of this clone. */
export const root = fileURLToPath(new URL("../", import.meta.url)).replace(/\/$/, "");
/** The folder of the project's own Node; it goes first on PATH, since the machine's may be older. */
export const binFolder = join(root, "node_modules", ".bin");
export const lowestNode = "22.19.0";

const readLock = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined);

/** The name of the first package of the lock file that is not installed as locked, or undefined. */
export function findUnlocked(wanted, installed) {
  const isAsLocked = ([name, entry]) => entry.optional || entry.peer || entry.link || installed[name]?.version === entry.version;
  return Object.entries(wanted).find((entry) => entry[0] !== "" && !isAsLocked(entry))?.[0];
}

/** Runs `npm ci` where node_modules is missing or differs from package-lock.json. */
export async function ensureNodeModules() {
  const wanted = readLock(join(root, "package-lock.json"));
  const installed = readLock(join(root, "node_modules", ".package-lock.json"));
  const reason = !installed ? "node_modules is missing" : findUnlocked(wanted, installed);
  if (!reason && existsSync(join(binFolder, "node"))) return;
  say(`Installing npm packages (${reason ?? "the node package is incomplete"}) …`);
  await runOrThrow("npm", ["ci", "--no-progress", "--loglevel=error"], { cwd: root }).catch((error) => {
    throw new Error(
      `npm could not install the packages of package-lock.json; it needs its registry, shown by npm config get registry.\n${error.message}`,
    );
  });
  if (!existsSync(join(binFolder, "node"))) {
    throw new Error(
      "npm did not run the install script of the package node, which installs the project's Node: run npm rebuild node --ignore-scripts=false",
    );
  }
}

function newestTime(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestTime(join(path, name))));
}

const sources = ["sdk", "provider", "cli", "tsconfig.json", "tsconfig.build.json", "package.json"];

/** Builds dist/ where a source is newer than it. */
export async function ensureDist() {
  const entry = join(root, "dist", "provider", "index.js");
  const newest = Math.max(...sources.map((name) => newestTime(join(root, name))));
  if (existsSync(entry) && statSync(entry).mtimeMs >= newest) return;
  say("Building dist …");
  await runOrThrow("npm", ["run", "--silent", "build"], { cwd: root });
}

/** Compiles sources and tests to build/. Throws tsc's output. */
export async function compileTests() {
  const started = Date.now();
  const { code, output } = await run(join(binFolder, "tsc"), ["-p", "tsconfig.json"], { cwd: root });
  if (code !== 0) throw new Error(`tsc -p tsconfig.json failed:\n${output.trimEnd()}`);
  say(`Compiled in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** The binary of another Node version, from npm, kept in the cache. */
export async function ensureNode(version = lowestNode) {
  const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const folder = cacheFolder(`node-${version}`);
  const binary = join(folder, "node_modules", name, "bin", "node");
  if (existsSync(binary)) return binary;
  say(`Installing Node ${version} from npm into the cache …`);
  const work = makeWorkFolder(dirname(folder));
  try {
    mkdirSync(join(work, "node_modules"));
    const args = [
      "install",
      "--prefix",
      work,
      "--no-save",
      "--no-package-lock",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    await runOrThrow("npm", [...args, `${name}@${version}`], { cwd: work });
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return binary;
}
