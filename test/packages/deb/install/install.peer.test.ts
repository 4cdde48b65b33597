import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { splitStatus } from "../../../../provider/packages/deb/install/database.js";
import { expect } from "../../../support/expectations.js";
import { AptRoots, type InstalledTwice } from "../../../support/packages/apt-roots.js";
import { compareRoots, type RootDifference } from "../../../support/packages/compare-roots.js";
import { inRoot } from "../../../support/packages/in-root.js";
import { suiteUnless, testUnless } from "../../../support/skips.js";
import { hasTool } from "../../../support/tar/tools.js";
import { coversPath, differences, orderDifferences, type Difference } from "./install-differences.js";

const baseTar = process.env["DHI_TEST_BASE"];
const isLong = process.env["DHI_LONG"] !== undefined;
const missing = ["apt-get", "unshare", "tar"].filter((tool) => !hasTool(tool));
const skip =
  baseTar === undefined
    ? "DHI_TEST_BASE names no base"
    : missing.length > 0
      ? `no ${missing.join(", ")}`
      : process.getuid?.() === 0
        ? false
        : "it needs root: chroot and mount";

/** Each in one run of apt. */
const short = ["curl", "ca-certificates", "git", "python3", "nginx", "openssh-client", "redis-server", "sudo", "tcpdump"];
const long = (
  "postgresql openjdk-17-jre-headless sudo chrony dbus iputils-ping locales tzdata adduser cron rsyslog nodejs php8.2-cli perl ruby " +
  "apache2 mariadb-server bind9-dnsutils tcpdump vim-tiny less gcc openssh-server fontconfig man-db curl git python3 nginx redis-server"
).split(" ");

describe(
  "packages installed as apt installs them",
  suiteUnless(skip, () => {
    let roots: AptRoots;
    const used = new Set<Difference>();

    before(async () => {
      roots = await AptRoots.open(baseTar ?? "");
    });
    after(() => {
      roots.close();
    });

    /** What is not in the table. Rows that were needed are remembered. */
    function unlisted({ theirs, ours }: InstalledTwice, owners: "ids" | "names"): readonly RootDifference[] {
      const rows = owners === "ids" ? differences : [...differences, ...orderDifferences];
      return compareRoots(theirs, ours, owners).filter((difference) => {
        const covering = rows.filter((row) => coversPath(row, difference.path));
        // Several rows may speak of one file: its order, and days in it.
        const changes = covering.flatMap(({ differs }) => (typeof differs === "function" ? [differs] : []));
        const text = (root: string): string =>
          changes.reduce((bytes, change) => change(bytes), readFileSync(join(root, difference.path), "latin1"));
        const isListed = covering.some(({ differs }) =>
          difference.ours === undefined
            ? typeof differs !== "function"
            : differs === "any" ||
              (differs === "content" && sameAttributes(difference)) ||
              (typeof differs === "function" && sameAttributes(difference) && text(theirs) === text(ours)),
        );
        if (isListed) for (const row of covering) used.add(row);
        return !isListed;
      });
    }

    async function check(names: readonly string[], owners: "ids" | "names"): Promise<void> {
      const [name = ""] = names;
      const installed = await roots.install(names);
      const { theirs, ours } = installed;
      expect(unlisted(installed, owners)).to.deep.equal([]);
      expect(inRoot(ours, "dpkg --audit; dpkg --verify")).to.equal("");
      expect(inRoot(ours, `dpkg -l ${names.join(" ")}`)).to.match(new RegExp(`^ii  ${name}`, "m"));
      expect(inRoot(ours, `dpkg -L ${names.join(" ")}`)).to.equal(inRoot(theirs, `dpkg -L ${names.join(" ")}`));
      roots.run(ours, "apt-get check");
      expect(roots.run(ours, "apt-get -s install nano")).to.match(/^Conf nano/m);
      const removed = (root: string): readonly string[] =>
        roots
          .run(root, `apt-get -s autoremove ${names.at(-1) ?? ""} --purge`)
          .split("\n")
          .sort();
      expect(removed(ours)).to.deep.equal(removed(theirs));
      // What stands in the cache of libraries is what ldconfig finds itself.
      expect(inRoot(ours, "ldconfig -p; ldconfig")).to.equal(inRoot(theirs, "ldconfig -p"));
    }

    it(short.join(" "), async () => {
      await check(short, "ids");
    });

    it(
      long.join(" "),
      testUnless(isLong ? false : "it takes long: npm run test:long", async () => {
        await check(long, "names");
        const idle = [...differences, ...orderDifferences].filter((row) => !used.has(row));
        expect(
          idle.map(({ paths }) => paths),
          "rows that nothing needs any more",
        ).to.deep.equal([]);
      }),
    );

    it("from scratch, the packages of the base give its own accounts, database and library cache", async () => {
      const { base } = roots;
      const names = splitStatus(readFileSync(join(base, "var/lib/dpkg/status"), "latin1")).map(({ name }) => name);
      const ours = await roots.installFromScratch(names);
      for (const path of [
        "etc/passwd",
        "etc/group",
        "etc/gshadow",
        "etc/ld.so.cache",
        "var/lib/dpkg/status",
        "var/lib/dpkg/triggers/File",
      ]) {
        expect(readFileSync(join(ours, path), "latin1"), path).to.equal(readFileSync(join(base, path), "latin1"));
      }
      const links = ["bin", "sbin", "lib", "lib64", "var/run", "var/lock", "usr/bin/sh", "usr/bin/awk"];
      expect(compareRoots(base, ours).filter(({ path }) => links.includes(path))).to.deep.equal([]);
      mkdirSync(join(ours, "etc/apt/sources.list.d"), { recursive: true });
      for (const file of ["etc/resolv.conf", "etc/apt/sources.list.d/0000sources.list"])
        writeFileSync(join(ours, file), readFileSync(join(base, file)));
      expect(roots.run(ours, "dpkg --audit; dpkg --verify; apt-get check >/dev/null")).to.equal("");
      roots.run(ours, "apt-get install -y --no-install-recommends nano");
    });
  }),
);

/** All but the content. */
function sameAttributes({ theirs, ours }: RootDifference): boolean {
  const attributes = (text: string | undefined): string | undefined => text?.replace(/ [0-9a-f]{64}/, "");
  return attributes(theirs) === attributes(ours);
}
