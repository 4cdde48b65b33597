// The Pulumi CLI with its Node language host and its launcher for dynamic providers, all three in one folder.
import { chmodSync, cpSync, existsSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, makeWorkFolder } from "./cache-folder.mjs";
import { buildTool, readTool } from "./go-build.mjs";
import { downloadPulumi } from "./pulumi-download.mjs";
import { findOnPath, run, say } from "./run.mjs";

const launcher = "pulumi-resource-pulumi-nodejs";
const languageHost = "pulumi-language-nodejs";
const lowestMinor = 216;
const root = fileURLToPath(new URL("../", import.meta.url));

const launcherInSdk = () => join(root, "node_modules", "@pulumi", "pulumi", launcher);

const isWhole = (folder) => ["pulumi", languageHost, launcher].every((name) => existsSync(join(folder, name)));

async function readVersion(pulumi) {
  const { code, output } = await run(pulumi, ["version"], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" } });
  const version = /v?(\d+\.\d+\.\d+\S*)/.exec(output)?.[1];
  return code === 0 ? version : undefined;
}

function isSupported(version) {
  const [major, minor] = version.split(".").map(Number);
  return major === 3 && minor >= lowestMinor;
}

function placeLauncher(folder) {
  if (existsSync(join(folder, launcher))) return;
  if (!existsSync(launcherInSdk()))
    throw new Error(`${launcher} comes with the npm package @pulumi/pulumi, which is not installed: run npm ci first`);
  cpSync(launcherInSdk(), join(folder, launcher));
  chmodSync(join(folder, launcher), 0o755);
}

/** The CLI on PATH, if it is new enough and its language host is beside it or on PATH, as a folder of links. */
async function usePath() {
  const pulumi = findOnPath("pulumi");
  if (!pulumi) return { why: "pulumi is not on PATH" };
  const version = await readVersion(pulumi);
  if (!version || !isSupported(version))
    return { why: `pulumi on PATH is ${version ?? "not runnable"}, and 3.${lowestMinor} or newer is needed` };
  const host = [join(dirname(pulumi), languageHost), findOnPath(languageHost)].find((file) => file && existsSync(file));
  if (!host) return { why: `pulumi is on PATH, but ${languageHost} is neither beside it nor on PATH` };
  const folder = cacheFolder("tools", `pulumi-on-path-${version}`);
  mkdirSync(folder, { recursive: true });
  for (const [name, target] of [
    ["pulumi", pulumi],
    [languageHost, host],
  ]) {
    const link = join(folder, name);
    if (existsSync(link) && readlinkSync(link) === target) continue;
    const fresh = `${link}.${process.pid}`;
    symlinkSync(target, fresh);
    renameSync(fresh, link);
  }
  placeLauncher(folder);
  return { folder, version };
}

async function buildPulumi(work, version) {
  const versionFlag = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
  say(`This takes about four minutes, once; the result is kept in ${cacheFolder("tools")}.`);
  await buildTool("pulumi", join(work, "pulumi"), { flags: ["-tags", "osusergo,grpcnotrace", "-ldflags", `-s -w ${versionFlag}`] });
  await buildTool(languageHost, join(work, languageHost), { flags: ["-ldflags", "-s -w"] });
}

/** Fills a work folder by `make` and renames it to its final name; returns the reason for a failure, or undefined. */
async function place(folder, make) {
  const work = makeWorkFolder(dirname(folder));
  try {
    await make(work);
    placeLauncher(work);
    if (!(await readVersion(join(work, "pulumi")))) throw new Error("the binary does not run on this machine");
    if (!isWhole(folder)) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(work, folder);
    }
    return undefined;
  } catch (error) {
    return error.message;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Gets the Pulumi CLI: from PATH, the cache, the official download, or a build from Go modules, in this order.
 * Returns `{ folder, version, source }`; put `folder` first on PATH. Throws an error that says why each way failed.
 */
export async function ensurePulumi() {
  const onPath = await usePath();
  if (onPath.folder) return { ...onPath, source: "PATH" };
  const { version } = readTool("pulumi");
  const folder = cacheFolder("tools", `pulumi-${version}`);
  if (isWhole(folder)) return { folder, version, source: "cache" };
  say(`Getting the Pulumi CLI ${version} (${onPath.why}, and it is not in the cache yet) …`);
  const notDownloaded = await place(folder, (work) => downloadPulumi(version, work));
  if (!notDownloaded) return { folder, version, source: "download" };
  say(`  no official download: ${notDownloaded}`);
  const notBuilt = await place(folder, (work) => buildPulumi(work, version));
  if (!notBuilt) return { folder, version, source: "build" };
  throw new Error(
    [
      `The Pulumi CLI ${version} is not available:`,
      `  PATH: ${onPath.why}`,
      `  cache: nothing in ${folder}`,
      `  official download: ${notDownloaded}`,
      `  build from Go modules: ${notBuilt}`,
      "Install the Pulumi CLI (https://www.pulumi.com/docs/install/) and put it on PATH, or give this machine a way to download it or to fetch Go modules (go env GOPROXY), and run this again.",
    ].join("\n"),
  );
}
