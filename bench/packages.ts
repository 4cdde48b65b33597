import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageFolder } from "../test/support/engine/index.js";
import { findProgram } from "../test/support/registries/index.js";
import { runProcess, type Sample } from "./measure.js";
import { megabytes, seconds, type Row } from "./row.js";

const run = promisify(execFile);
const aim = 350 * 1024 ** 2;
const added = ["curl", "git"];

/** curl and git on a Debian base: pulumi-dhi with an empty and a warm cache, and apt-get in a buildah container, from the same mirror. */
export async function benchPackages(host: string, folder: string): Promise<readonly Row[]> {
  const buildah = findProgram("buildah");
  if (buildah === undefined || process.getuid?.() !== 0) return [skipped("buildah is missing, or this is not root")];
  const rootfs = findRootfs();
  if (rootfs === undefined) return [skipped("mmdebstrap made no base")];
  await pushRootfs(rootfs, join(folder, "debian"), `${host}/bench/debian:12`);
  let number = 0;
  const ours = (cache: string): Promise<Sample> => {
    const inputs = { repository: `${host}/bench/debian`, version: "12", suffix: `ours-${String(number++)}`, packages: added };
    // A unique label, so that no image exists already; another destination repository each time, so that no layer does.
    const whole = { ...inputs, destination: `${host}/bench/ours-${String(number)}`, labels: { run: String(number) } };
    return runProcess(process.execPath, [join(__dirname, "child.js"), cache, folder, JSON.stringify(whole)]);
  };
  const cold = await ours(join(folder, "packages"));
  const apt = await installWithBuildah(buildah, folder, host);
  const warm = await ours(join(folder, "packages"));
  return [row("curl and git on Debian, empty cache", cold, apt), row("curl and git on Debian, warm", warm, apt)];
}

/** from, run, commit and push, with separate storage. */
async function installWithBuildah(buildah: string, folder: string, host: string): Promise<Sample> {
  const storage = ["--root", join(folder, "containers"), "--runroot", join(folder, "containers-run"), "--storage-driver", "overlay"];
  const steps: Sample[] = [];
  const step = async (...args: readonly string[]): Promise<string> => {
    const { out, ...sample } = await runProcess(buildah, [...storage, ...args]);
    steps.push(sample);
    return out.trim();
  };
  const container = (await step("from", "--quiet", "--tls-verify=false", `docker://${host}/bench/debian:12`)).split("\n").at(-1) ?? "";
  const inside = ["run", "--isolation", "chroot", "--env", "DEBIAN_FRONTEND=noninteractive", container, "--"];
  await step(...inside, "apt-get", "update", "-q");
  await step(...inside, "apt-get", "install", "-qy", "--no-install-recommends", ...added);
  await step("commit", "--quiet", "--tls-verify=false", container, `docker://${host}/bench/apt:1`);
  const total = steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  // Not part of the measurement.
  await run(buildah, [...storage, "rm", "--all"]);
  await run(buildah, [...storage, "rmi", "--all", "--force"]);
  return { milliseconds: total, peak: Math.max(...steps.map(({ peak }) => peak ?? 0)) };
}

/** The base that the script of npm run bench made. */
export function findRootfs(): string | undefined {
  const given = process.env["DHI_TEST_BASE"];
  return given !== undefined && existsSync(given) ? given : undefined;
}

async function pushRootfs(tar: string, layout: string, target: string): Promise<void> {
  await run(process.execPath, [join(packageFolder, "scripts", "base-image.mjs"), tar, layout, "12"]);
  await run("skopeo", ["copy", "--quiet", "--all", "--dest-tls-verify=false", `oci:${layout}:12`, `docker://${target}`]);
}

function row(name: string, ours: Sample, apt: Sample): Row {
  const peak = ours.peak ?? 0;
  return {
    name,
    ours: `${seconds(ours.milliseconds)}, ${megabytes(peak)}`,
    peer: `buildah and apt-get ${seconds(apt.milliseconds)}`,
    ratio: ours.milliseconds / apt.milliseconds,
    aim: `under ${megabytes(aim)}`,
    missed: peak >= aim,
  };
}

function skipped(why: string): Row {
  return { name: "curl and git on Debian", ours: "skipped", peer: why, ratio: undefined, aim: "", missed: false };
}
