import { run } from "../tar/tools.js";

const devices = ["null", "zero", "random", "urandom", "tty", "full"];
const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };

/**
 * Runs a shell command in a root of its own, with the devices and processes that apt asks for. `mounts`: folders of the machine by their
 * places in the root. Throws with its messages.
 */
export function inRoot(root: string, command: string, mounts: Readonly<Record<string, string>> = {}): string {
  const binds = devices.map((name) => `: > "$0/dev/${name}" && mount --bind /dev/${name} "$0/dev/${name}"`).join(" && ");
  const setup = `mkdir -p "$0/dev" "$0/proc" && mount -t tmpfs -o mode=755 tmpfs "$0/dev" && ${binds} && mount -t proc proc "$0/proc"`;
  const folders = Object.entries(mounts).map(([place, folder]) => ` && mkdir -p "$0/${place}" && mount --bind '${folder}' "$0/${place}"`);
  const script = `${setup}${folders.join("")} && exec chroot "$0" sh -c "$1"`;
  return run("unshare", ["-m", "sh", "-c", script, root, command], { env }).toString("utf8");
}
