import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../../support/images/programs.js";
import { findAptLists } from "../../support/apt/lists.js";

const devices = ["null", "zero", "full", "random", "urandom", "tty"];

/** Runs a shell command in an unpacked root, with the machine's network, and with devices and /proc that end with it. */
export async function runInRoot(root: string, command: string): Promise<string> {
  const bind = devices.map((name) => `: > "$0/dev/${name}" && mount --bind /dev/${name} "$0/dev/${name}"`);
  const setUp = ['mkdir -p "$0/dev" "$0/proc"', 'mount -t tmpfs -o mode=755 tmpfs "$0/dev"', ...bind, 'mount -t proc proc "$0/proc"'];
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    LC_ALL: "C",
    DEBIAN_FRONTEND: "noninteractive",
  };
  const script = `${setUp.join(" && ")} && exec chroot "$0" sh -euc "$1"`;
  return runProgram("unshare", ["--mount", "sh", "-c", script, root, command], { env });
}

/** Lets apt in a root ask the archives that the machine's apt asks, as the machine's asks them. */
export async function useMachineApt(root: string, codename: string): Promise<void> {
  const lists = await findAptLists(codename);
  const sources = lists.map(({ url, suite, component }) => `deb ${url} ${suite} ${component}\n`);
  const folder = join(root, "etc/apt");
  await mkdir(join(folder, "trusted.gpg.d"), { recursive: true });
  // The name that mmdebstrap takes, so that its own sources are replaced.
  await mkdir(join(folder, "sources.list.d"), { recursive: true });
  await writeFile(join(folder, "sources.list.d/0000sources.list"), [...new Set(sources)].join(""));
  const settings = (await runProgram("apt-config", ["dump"]))
    .split("\n")
    .filter((line) => /^Acquire::(?:Check|https?|Retries)/i.test(line));
  await mkdir(join(folder, "apt.conf.d"), { recursive: true });
  await writeFile(join(folder, "apt.conf.d/99machine"), `${settings.join("\n")}\n`);
  await copyFile("/etc/resolv.conf", join(root, "etc/resolv.conf"));
}

/** The versions of a package in the machine's archives, newest first. */
export async function findVersions(name: string): Promise<readonly string[]> {
  const output = await runProgram("apt-cache", ["madison", name]);
  return [...new Set(output.split("\n").flatMap((line) => line.split("|")[1]?.trim() ?? []))];
}

const capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT"];

interface Bundle {
  readonly process: object;
}

/** Lets what runs in a bundle do what Docker's containers may by default, more than umoci writes: nginx hands files to its user. */
export async function allowAsDocker(bundle: string): Promise<void> {
  const file = join(bundle, "config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as Bundle;
  const all = capabilities.map((name) => `CAP_${name}`);
  const process = { ...config.process, capabilities: { bounding: all, effective: all, permitted: all } };
  await writeFile(file, JSON.stringify({ ...config, process }));
}
