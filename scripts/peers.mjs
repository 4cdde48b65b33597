// What tests and benchmarks run against: commands from the machine's packages, the Pulumi CLI, built tools, a base, the lowest Node.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureCommands, mayInstall } from "./apt.mjs";
import { ensurePrograms } from "./debian-programs.mjs";
import { ensureRootfs } from "./rootfs.mjs";
import { say } from "./run.mjs";
import { ensurePulumi, ensureTools } from "./tools.mjs";
import { ensureNode, root } from "./workspace.mjs";

/** Commands that are called, and the Debian packages that contain them. */
const commands = {
  "docker-registry": "docker-registry",
  skopeo: "skopeo",
  umoci: "umoci",
  buildah: "buildah",
  runc: "runc",
  mmdebstrap: "mmdebstrap",
  getfattr: "attr",
  setcap: "libcap2-bin",
  zstd: "zstd",
  openssl: "openssl",
  ip: "iproute2",
};

/** Each part: its name, how to get it, and the variable that says where it is. */
const parts = {
  pulumi: { what: "the Pulumi CLI", get: async () => ({ DHI_PULUMI: (await ensurePulumi()).folder }) },
  tools: { what: "crane, regctl, registry and olareg", get: async () => ({ DHI_TOOLS: await ensureTools() }) },
  base: { what: "a mmdebstrap base", get: async () => ({ DHI_TEST_BASE: (await ensureRootfs()).file }) },
  trixie: { what: "cosign 2 and oras", get: () => ensurePrograms(["DHI_COSIGN2", "DHI_ORAS"]) },
  sid: { what: "cosign 3", get: () => ensurePrograms(["DHI_COSIGN3"]) },
  lowest: { what: "the lowest Node", get: async () => ({ DHI_NODE22: await ensureNode() }) },
};

/**
 * Gets the named parts, by default all, and returns the environment that says where they are. A part that is not available is reported with
 * the reason and the consequence (`otherwise`), and left out.
 */
export async function preparePeers(otherwise, names = Object.keys(parts)) {
  const missing = await ensureCommands(commands);
  if (missing.length > 0) {
    say(`Missing: ${missing.join(", ")}${mayInstall() ? "" : "; run as root to install them with apt-get"}: ${otherwise}.`);
  }
  const fixtures = join(root, "..", "shared", "fixtures");
  const found = { DHI_FIXTURES: process.env.DHI_FIXTURES || (existsSync(fixtures) ? fixtures : undefined) };
  for (const { what, get } of names.map((name) => parts[name])) {
    try {
      Object.assign(found, await get());
    } catch (error) {
      say(`Without ${what}, ${otherwise}: ${error.message}`);
    }
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
