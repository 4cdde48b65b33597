import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { splitStatus } from "../../../provider/packages/deb/database.js";
import { installDebianPackages } from "../../../provider/packages/deb/install.js";
import { FileTree } from "../../../provider/rootfs/file-tree.js";
import { LayerDraft } from "../../../provider/rootfs/layer-draft.js";
import { compareRoots } from "../../support/packages/compare-roots.js";
import { filesIn, readBaseTree, unpackFile, unpackOver, type Tars } from "../../support/packages/debian-root.js";
import { hasTool, run } from "../../support/tar/tools.js";
import { differences } from "./install-differences.js";

const baseTar = process.env["DHI_TEST_BASE"];
const missing = ["apt-get", "unshare", "tar"].filter((tool) => !hasTool(tool));
const skip =
  baseTar === undefined
    ? "DHI_TEST_BASE names no base"
    : missing.length > 0
      ? `no ${missing.join(", ")}`
      : process.getuid?.() === 0
        ? false
        : "it needs root: chroot and mount";

const noReservations = { uids: new Set<number>(), gids: new Set<number>() };
const distribution = { family: "debian", release: "bookworm" } as const;

describe("packages installed as apt installs them", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "dhi-install-"));
  const base = join(folder, "base");
  const spool = join(folder, "spool");
  const tars: Tars = new Map();
  let tree = new FileTree();

  before(async () => {
    for (const path of [base, spool]) mkdirSync(path);
    run("tar", ["-C", base, "-xpf", baseTar ?? "", "--xattrs", "--xattrs-include=*"]);
    inRoot(base, "apt-get -o Acquire::Check-Valid-Until=false update");
    tree = await readBaseTree(baseTar ?? "", tars);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const names of [["curl", "ca-certificates"], ["git"], ["python3"], ["nginx"], ["openssh-client"], ["redis-server"]]) {
    test(names.join(" "), async () => {
      const [name = ""] = names;
      const [theirs, ours] = [join(folder, `apt-${name}`), join(folder, `ours-${name}`)];
      run("cp", ["-a", base, theirs]);
      run("cp", ["-a", base, ours]);
      const simulated = inRoot(base, `apt-get -s install --no-install-recommends ${names.join(" ")}`);
      const order = [...simulated.matchAll(/^Inst (\S+)/gm)].map(([, added = ""]) => added);
      inRoot(theirs, `apt-get install -y --no-install-recommends -o APT::Keep-Downloaded-Packages=true ${names.join(" ")}`);
      const files = filesIn(join(theirs, "var/cache/apt/archives")).filter((file) => file.endsWith(".deb"));
      const packages = [];
      for (const added of order) {
        const file = files.find((path) => path.includes(`/${added}_`));
        assert(file !== undefined, `apt downloaded ${added}`);
        packages.push(await unpackFile(file, spool, names, tars));
      }
      const image = tree.fork();
      const draft = new LayerDraft(image, tree);
      installDebianPackages({ tree: image, draft, packages, reserved: noReservations, fromScratch: false, distribution });
      await unpackOver(ours, draft.entries(), tars, join(folder, "layer.tar.gz"));

      const states = (root: string): readonly string[] =>
        splitStatus(readFileSync(join(root, "var/lib/apt/extended_states"), "latin1"))
          .map(({ text }) => text)
          .sort();
      assert.deepEqual(states(ours), states(theirs), "in whatever order");
      writeFileSync(join(ours, "var/lib/apt/extended_states"), readFileSync(join(theirs, "var/lib/apt/extended_states")));
      const dayless = (root: string): string => readFileSync(join(root, "etc/shadow"), "latin1").replace(/^([^:]+:!:)[0-9]*:/gm, "$1:");
      assert.equal(dayless(ours), dayless(theirs), "but for the day on which an account was made");
      writeFileSync(join(ours, "etc/shadow"), readFileSync(join(theirs, "etc/shadow")));
      const unlisted = compareRoots(theirs, ours).filter(({ path }) => !differences.some((row) => row.path.test(path)));
      assert.deepEqual(unlisted, []);

      assert.equal(inRoot(ours, "dpkg --audit; dpkg --verify"), "");
      assert.match(inRoot(ours, `dpkg -l ${names.join(" ")}`), new RegExp(`^ii  ${name}`, "m"));
      assert.equal(inRoot(ours, `dpkg -L ${name}`), inRoot(theirs, `dpkg -L ${name}`));
      inRoot(ours, "apt-get check");
      assert.match(inRoot(ours, "apt-get -s install vim-tiny"), /^Conf vim-tiny/m);
      assert.equal(inRoot(ours, `apt-get -s autoremove ${name} --purge`), inRoot(theirs, `apt-get -s autoremove ${name} --purge`));
      // What stands in the cache of libraries is what ldconfig finds itself.
      assert.equal(inRoot(ours, "ldconfig -p; ldconfig"), inRoot(theirs, "ldconfig -p"));
    });
  }

  test("from scratch, the packages of the base give its own accounts, database and library cache", async () => {
    const names = splitStatus(readFileSync(join(base, "var/lib/dpkg/status"), "latin1")).map(({ name }) => name);
    const folderOf = join(base, "tmp/debs");
    mkdirSync(folderOf, { mode: 0o777 });
    inRoot(base, `cd /tmp/debs && apt-get -o APT::Sandbox::User=root download ${names.join(" ")}`);
    const files = filesIn(folderOf);
    const first = ["base-passwd", "base-files", "libc6", "dpkg"];
    const rank = (file: string): number => first.findIndex((name) => file.includes(`/${name}_`)) + 1 || first.length + 1;
    const packages = [];
    for (const file of [...files].sort((a, b) => rank(a) - rank(b))) packages.push(await unpackFile(file, spool, names, tars));
    const image = new FileTree();
    const draft = new LayerDraft(image, new FileTree());
    installDebianPackages({ tree: image, draft, packages, reserved: noReservations, fromScratch: true, distribution });
    const ours = join(folder, "ours");
    mkdirSync(ours);
    await unpackOver(ours, draft.entries(), tars, join(folder, "layer.tar.gz"));
    for (const path of ["etc/passwd", "etc/group", "etc/gshadow", "etc/ld.so.cache", "var/lib/dpkg/status", "var/lib/dpkg/triggers/File"]) {
      assert.equal(readFileSync(join(ours, path), "latin1"), readFileSync(join(base, path), "latin1"), path);
    }
    const links = ["bin", "sbin", "lib", "lib64", "var/run", "var/lock", "usr/bin/sh", "usr/bin/awk"];
    assert.deepEqual(
      compareRoots(base, ours).filter(({ path }) => links.includes(path)),
      [],
    );
    for (const file of ["etc/resolv.conf", "etc/apt/sources.list.d/0000sources.list"])
      writeFileSync(join(ours, file), readFileSync(join(base, file)));
    assert.equal(inRoot(ours, "dpkg --audit; dpkg --verify; apt-get check >/dev/null"), "");
    inRoot(ours, "apt-get update && apt-get install -y --no-install-recommends nano");
  });
});

/** Runs a shell command in a root of its own, with the devices and processes that apt asks for. Throws with its messages. */
function inRoot(root: string, command: string): string {
  const devices = ["null", "zero", "random", "urandom", "tty", "full"];
  const binds = devices.map((name) => `: > "$0/dev/${name}" && mount --bind /dev/${name} "$0/dev/${name}"`).join(" && ");
  const setup = `mkdir -p "$0/dev" "$0/proc" && mount -t tmpfs -o mode=755 tmpfs "$0/dev" && ${binds} && mount -t proc proc "$0/proc"`;
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  return run("unshare", ["-m", "sh", "-c", `${setup} && exec chroot "$0" sh -c "$1"`, root, command], { env }).toString("utf8");
}
