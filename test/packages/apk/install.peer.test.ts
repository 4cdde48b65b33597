import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { PackageNotice } from "../../../provider/packages/packages.js";
import { FileTree } from "../../../provider/rootfs/file-tree.js";
import { publishStub } from "../../support/apk-root/stub.js";
import { openFolder } from "../../support/apk-root/repository.js";
import { apkOptions, installOurs, readBase, runInRoot, stepsIn, type Repositories } from "../../support/apk-root/root.js";
import { compareRoots, type RootDifference } from "../../support/packages/compare-roots.js";
import type { Tars } from "../../support/packages/debian-root.js";
import { hasTool, run } from "../../support/tar/tools.js";
import { alpine, withoutChroot } from "./alpine-root.js";
import { differences, type Difference } from "./install-differences.js";

const missing = ["unshare", "getcap", "tar"].filter((tool) => tool !== "getcap" && !hasTool(tool));
const skip = withoutChroot !== false ? withoutChroot : missing.length > 0 ? `no ${missing.join(", ")}` : false;

/** Packages of the fixtures that need one which is not there; chrony is tried with a stand-in for gnutls. */
const incomplete = new Set(
  "chrony ifupdown-ng-wifi iw libc-dev libffi-dev mpc1 network-extras pciutils py3-packaging py3-packaging-pyc py3-parsing py3-parsing-pyc python3-pyc usbutils".split(
    " ",
  ),
);
/** It tells in no order, and what adduser keeps, which is a row of the table. */
const audit = "apk audit | grep -v -- '-$' | sort";
/** It conflicts with ifupdown-ng, which others need. */
const conflicting = "vlan";

describe("packages installed as apk 2.14 installs them", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "dhi-apk-install-"));
  const base = join(folder, "base");
  const tars: Tars = new Map();
  const archive = join(alpine ?? "", "alpine-minirootfs-3.19.4-x86_64.tar.gz");
  const used = new Set<Difference>();
  let tree = new FileTree();
  let main: Repositories = {};
  let withStub: Repositories = {};
  let names: readonly string[] = [];

  before(async () => {
    mkdirSync(base);
    run("tar", ["-C", base, "-xpzf", archive]);
    tree = await readBase(archive, folder, tars);
    main = { main: openFolder(join(alpine ?? "", "main/x86_64")) };
    const stub = publishStub(join(folder, "stub"), { name: "gnutls", version: "99-r0", provides: "so:libgnutls.so.30=30.99" });
    run("cp", [stub.key, join(base, "etc/apk/keys/")]);
    withStub = { ...main, stub };
    const files = new Set(readdirSync(main["main"]?.folder ?? ""));
    const has = (name: string): boolean =>
      [...files].some((file) => file.startsWith(`${name}-`) && /^-[^-]+-r[0-9]+\.apk$/.test(file.slice(name.length)));
    names = [...(main["main"]?.stanzas.keys() ?? [])].filter((name) => has(name) && !incomplete.has(name));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Lets apk install into one copy and the provider into another, and compares them. */
  async function installBoth(label: string, requested: readonly string[], repositories: Repositories = main) {
    const own = join(folder, label);
    const [theirs, ours] = [join(own, "theirs"), join(own, "ours")];
    mkdirSync(own);
    for (const root of [theirs, ours]) run("cp", ["-a", base, root]);
    const output = runInRoot(theirs, repositories, `apk add ${apkOptions(repositories)} ${requested.join(" ")}`);
    const notices = await installOurs({ root: ours, base: tree, repositories, requested, steps: stepsIn(output), folder: own, tars });

    assert.deepEqual(unlisted(theirs, ours), []);
    return {
      notices,
      ours,
      /** What apk prints in ours; in theirs it is the same, and the roots are the same after it. */
      both: (command: string): string => {
        const all = command.replaceAll("$X", apkOptions(repositories));
        const [printed, expected] = [ours, theirs].map((root) => runInRoot(root, repositories, all));
        assert.equal(printed, expected, command);
        assert.deepEqual(unlisted(theirs, ours), [], command);
        return printed ?? "";
      },
      theirs,
      remove: (): void => {
        rmSync(own, { recursive: true, force: true });
      },
    };
  }

  function unlisted(theirs: string, ours: string): readonly RootDifference[] {
    const isListed = ({ path, theirs: left, ours: right }: RootDifference): boolean => {
      const row = differences.find((one) => one.path.test(path));
      if (row === undefined) return false;
      used.add(row);
      if (row.alike === undefined) return true;
      const texts = [theirs, ours].map((root) => row.alike?.(readFileSync(join(root, path), "latin1")));
      return left?.replace(/ [0-9a-f]{64}/, "") === right?.replace(/ [0-9a-f]{64}/, "") && texts[0] === texts[1];
    };
    return compareRoots(theirs, ours).filter((difference) => !isListed(difference));
  }

  const told = (notices: readonly PackageNotice[]): readonly string[] => notices.map(({ kind, message }) => `${kind}: ${message}`);

  test("all of the fixtures at once, and apk goes on from there", async () => {
    const requested = names.filter((name) => name !== conflicting);
    assert(requested.length >= 135, String(requested.length));
    const { notices, both, remove } = await installBoth("all", requested);
    assert.deepEqual(told(notices), []);
    assert.match(both("apk info -v"), /^git-2\.43\.4-r0$/m);
    both(`${audit}; apk audit --system | sort`);
    both("apk fix $X --simulate");
    assert.match(both("apk del $X tiny-cloud-alpine ifupdown-ng-ppp 2>&1"), /Purging tiny-cloud-alpine/);
    assert.match(both("apk add $X tiny-cloud-alpine 2>&1"), /Executing tiny-cloud-alpine-3\.0\.7-r0\.post-install/);
    remove();
  });

  for (const name of ["git", "openssh-client-default", "doas", "chrony", "ca-certificates", "jq", conflicting]) {
    test(`${name} alone; then apk adds another, and removes it`, async () => {
      const { notices, both, remove } = await installBoth(name, [name], name === "chrony" ? withStub : main);
      assert.deepEqual(told(notices), []);
      assert.match(both("apk info -v"), new RegExp(`^${name}-[0-9]`, "m"));
      both(audit);
      both("apk add $X mdev-conf 2>&1");
      assert.match(both(`apk del $X ${name} 2>&1`), new RegExp(`Purging ${name}`));
      remove();
    });
  }

  test("each of them alone", { skip: process.env["DHI_LONG"] === undefined ? "only in the long form" : false }, async () => {
    for (const name of names) {
      const { notices, remove } = await installBoth(`one-${name}`, [name]);
      assert.deepEqual(told(notices), [], name);
      remove();
    }
  });

  test("every row of the table is used", () => {
    assert.deepEqual(
      differences.filter((row) => !used.has(row)).map(({ path }) => path.source),
      [],
    );
  });
});
