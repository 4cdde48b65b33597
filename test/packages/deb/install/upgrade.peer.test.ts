import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Archive } from "../../../../provider/packages/deb/resolve/candidates.js";
import { parseParagraphs } from "../../../../provider/packages/deb/formats/control.js";
import { installDebianPackages } from "../../../../provider/packages/deb/install/install.js";
import { readInstalled } from "../../../../provider/packages/deb/resolve/installed.js";
import { PackageIndex } from "../../../../provider/packages/deb/archive/package-index.js";
import { compareDebianVersions } from "../../../../provider/packages/deb/formats/version.js";
import { resolveDebian } from "../../../../provider/packages/deb/resolve/resolver.js";
import type { PackageNotice } from "../../../../provider/packages/packages.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import { asked } from "../../../support/apt/made-archive.js";
import { buildArchive } from "../../../support/archives/archive.js";
import type { DebSpec } from "../../../support/archives/deb.js";
import { writeArchive } from "../../../support/archives/serve.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { compareRoots } from "../../../support/packages/compare-roots.js";
import { filesIn, readBaseTree, unpackFile, unpackOver, type Tars } from "../../../support/packages/debian-root.js";
import { inRoot } from "../../../support/packages/in-root.js";
import { note, skipTest } from "../../../support/running-test.js";
import { suiteUnless, testUnless } from "../../../support/skips.js";
import { hasTool, run } from "../../../support/tar/tools.js";
import { coversPath, differences } from "./install-differences.js";
import { firstVersions, secondVersions } from "./upgrade-packages.js";

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

/** What apt alone does to a root: its own lists and caches, and files of the step before. */
const ofApt = /^(?:var\/(?:log|cache)\/|var\/lib\/apt\/lists\/|var\/lib\/dpkg\/(?:status-old|lock)|srv\/)/;

describe(
  "packages of a base, upgraded as apt upgrades them",
  suiteUnless(skip, () => {
    const folder = mkdtempSync(join(tmpdir(), "dhi-upgrade-"));
    const base = join(folder, "base");
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    before(() => {
      mkdirSync(base);
      run("tar", ["-C", base, "-xpf", baseTar ?? "", "--xattrs", "--xattrs-include=*"]);
    });

    /**
     * The same request in two copies of `root`: by apt, and by our resolver and installer from the archives that apt has there. `asks`: undefined
     * for an upgrade of everything.
     */
    async function upgradeTwice(name: string, root: string, asks: readonly string[] | undefined) {
      const [theirs, ours, spool] = ["apt", "ours", "spool"].map((part) => join(folder, `${part}-${name}`)) as [string, string, string];
      mkdirSync(spool);
      for (const copy of [theirs, ours]) run("cp", ["-a", root, copy]);
      const tar = join(folder, `${name}.tar`);
      run("tar", ["-C", root, "-cf", tar, "--xattrs", "--xattrs-include=*", "."]);
      const tars: Tars = new Map();
      const tree = await readBaseTree(tar, tars);
      const installed = readInstalled(parseParagraphs(readFileSync(join(root, "var/lib/dpkg/status"), "latin1"), "status"), "amd64");
      const { added, notices } = resolveDebian({
        installed,
        archives: archivesOf(root),
        architecture: "amd64",
        requests: asked(...(asks ?? [])),
        ...(asks === undefined && { upgrade: "all" }),
      });
      const options = "-y --no-install-recommends -o Dpkg::Options::=--force-confold -o APT::Keep-Downloaded-Packages=true";
      const command = asks === undefined ? "upgrade --with-new-pkgs" : `install ${asks.join(" ")}`;
      inRoot(theirs, `apt-get ${options} ${command} </dev/null`);
      const files = ["var/cache/apt/archives", "srv/pool/main"]
        .map((path) => join(theirs, path))
        .filter(existsSync)
        .flatMap(filesIn);
      const packages = [];
      for (const { name: one, version, architecture, requested } of added) {
        const [plain, escaped] = [version.replace(/^[0-9]+:/, ""), version.replace(":", "%3a")];
        const file = files.find((path) => [plain, escaped].some((text) => path.endsWith(`/${one}_${text}_${architecture}.deb`)));
        expectThat(file !== undefined, `apt has fetched ${one} ${version} too`);
        packages.push(await unpackFile(file, spool, requested ? [one] : [], tars));
      }
      const image = tree.fork();
      const draft = new LayerDraft(image, tree);
      const reserved = { uids: new Set<number>(), gids: new Set<number>() };
      const distribution = { family: "debian", release: "bookworm" } as const;
      const more = installDebianPackages({ tree: image, draft, packages, reserved, fromScratch: false, distribution });
      await unpackOver(ours, draft.entries(), tars, join(folder, `${name}.tar.gz`));
      return { theirs, ours, added, notices: [...notices, ...more], overwritten: draft.overwritten };
    }

    function judge(theirs: string, ours: string, isListed: (path: string) => boolean = () => false): void {
      const unlisted = compareRoots(theirs, ours).filter(({ path }) => {
        return !ofApt.test(path) && !differences.some((row) => coversPath(row, path)) && !isListed(path);
      });
      expect(unlisted).to.deep.equal([]);
      expect(inRoot(ours, "dpkg --audit; dpkg --verify")).to.equal(inRoot(theirs, "dpkg --audit; dpkg --verify"));
      inRoot(ours, "apt-get check");
      expect(inRoot(ours, "dpkg-query -W; apt-mark showauto")).to.equal(inRoot(theirs, "dpkg-query -W; apt-mark showauto"));
      expect(inRoot(ours, "ldconfig -p; ldconfig")).to.equal(inRoot(theirs, "ldconfig -p"));
      note(inRoot(ours, "dpkg-query -W | wc -l").trim() + " packages");
    }

    it("made ones: files, links, conffiles, directories and triggers that come and go", async () => {
      const root = join(folder, "older");
      run("cp", ["-a", base, root]);
      await putArchive(root, firstVersions);
      inRoot(root, "apt-get install -y --no-install-recommends app lib heirless && echo mine > /etc/app/both && echo mine > /etc/app/user");
      inRoot(root, "rm /etc/app/removed; echo mine > /etc/app/same-as-new; echo mine > /usr/share/app/folder/of-the-user");
      await putArchive(root, secondVersions);
      const { theirs, ours, added, notices, overwritten } = await upgradeTwice("made", root, ["plugin"]);
      expect(added.map((one) => `${one.name} ${one.version}`).sort()).to.deep.equal(["app 2", "heir 1", "lib 1:2", "plugin 1"]);
      expect(textsOf(notices, "upgraded")).to.deep.equal([
        "app of the base is upgraded from 1 to 2, for plugin -> app",
        "lib of the base is upgraded from 1 to 1:2, for plugin -> app -> lib",
      ]);
      expect(textsOf(notices, "conffile-kept").length).to.deep.equal(1);
      expect(overwritten).to.deep.equal([]);
      const list = "var/lib/dpkg/info/app.list";
      const linesOf = (path: string): readonly string[] => readFileSync(join(path, list), "latin1").split("\n").sort();
      expect(linesOf(ours), "but for their order: dpkg lists a link that takes the place of a file late").to.deep.equal(linesOf(theirs));
      writeFileSync(join(ours, list), readFileSync(join(theirs, list)));
      judge(theirs, ours);
    });

    it("made ones, all of them: the new packages that they need come in, and nothing else", async () => {
      const root = join(folder, "older-all");
      run("cp", ["-a", base, root]);
      await putArchive(root, firstVersions);
      inRoot(root, "apt-get install -y --no-install-recommends app heirless && echo mine > /etc/app/both && echo mine > /etc/app/user");
      inRoot(root, "apt-mark auto heirless");
      await putArchive(root, secondVersions);
      const { theirs, ours, added, notices } = await upgradeTwice("all", root, undefined);
      expect(added.map((one) => `${one.name} ${one.version}`).sort()).to.deep.equal(["app 2", "heir 1", "heirless 2", "lib 1:2"]);
      expect(textsOf(notices, "upgraded")).to.deep.equal([
        "app of the base is upgraded from 1 to 2, by upgradeInstalled",
        "heirless of the base is upgraded from 1 to 2, by upgradeInstalled",
        "lib of the base is upgraded from 1 to 1:2, by upgradeInstalled",
      ]);
      const list = "var/lib/dpkg/info/app.list";
      writeFileSync(join(ours, list), readFileSync(join(theirs, list)));
      judge(theirs, ours);
    });

    // What a release has in two versions: of its own, and of the security archive.
    const tooLong = process.env["DHI_LONG"] === undefined && "it takes minutes: DHI_LONG is not set";
    for (const [name, old, asks] of [
      ["libssl3", ["libssl3"], ["libssl-dev"]],
      ["python3.11", ["python3.11", "python3.11-minimal", "libpython3.11-stdlib", "libpython3.11-minimal"], ["libpython3.11"]],
      ["perl-base", ["perl-base"], ["perl"]],
    ] as const)
      it(
        `${name} of the release's own archives`,
        testUnless(tooLong, async () => {
          const root = join(folder, `older-${name}`);
          run("cp", ["-a", base, root]);
          inRoot(root, "apt-get -o Acquire::Check-Valid-Until=false update");
          const [newest, older] = inRoot(root, `apt-cache madison ${name}`)
            .trim()
            .split("\n")
            .map((line) => line.split("|")[1]?.trim() ?? "")
            .toSorted((one, other) => compareDebianVersions(other, one));
          if (newest === older || older === undefined) {
            skipTest(`the archives have ${name} in one version alone`);
            return;
          }
          const versions = old.map((one) => `${one}=${older}`).join(" ");
          inRoot(root, `apt-get install -y --no-install-recommends --allow-downgrades ${versions} && apt-get clean`);
          const { theirs, ours, added } = await upgradeTwice(name, root, asks);
          expect(added.some((one) => one.name === name && one.version === newest)).to.equal(true);
          const names = new Set(added.map((one) => one.name));
          const lists = filesIn(join(ours, "var/lib/dpkg/info")).filter((path) =>
            names.has(/([^/:]+)(?::[^/]*)?\.list$/.exec(path)?.[1] ?? ""),
          );
          for (const [, place = "", stem = ""] of lists.flatMap((path) => [
            ...readFileSync(path, "latin1").matchAll(/^(.*)\/([^/]+)\.py$/gm),
          ])) {
            const cache = join(ours, place, "__pycache__");
            const stale = existsSync(cache) ? filesIn(cache).filter((path) => path.includes(`/${stem}.`)) : [];
            expect(stale, "byte code of another version").to.deep.equal([]);
          }
          judge(theirs, ours);
        }),
      );
  }),
);

function textsOf(notices: readonly PackageNotice[], kind: string): readonly string[] {
  return notices.filter((notice) => notice.kind === kind).map(({ message }) => message);
}

/** Makes an archive in the root its apt's only one. */
async function putArchive(root: string, packages: readonly DebSpec[]): Promise<void> {
  const files = await buildArchive([{ suite: "made", packages: { main: packages }, keys: [], indexes: ["", ".gz"] }]);
  rmSync(join(root, "srv"), { recursive: true, force: true });
  writeArchive(files, join(root, "srv"));
  rmSync(join(root, "etc/apt/sources.list.d"), { recursive: true, force: true });
  writeFileSync(join(root, "etc/apt/sources.list"), "deb [trusted=yes] file:/srv made main\n");
  inRoot(root, "apt-get update");
}

/** The package indexes that the apt of a root has. */
function archivesOf(root: string): readonly Archive[] {
  const format = "$(FILENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)";
  const targets = inRoot(root, `apt-get indextargets --format '${format}' 'Created-By: Packages'`).trim().split("\n");
  return targets.map((line) => {
    const [file = "", url = "", suite = "", component = ""] = line.split("|");
    const bytes = Buffer.from(inRoot(root, `/usr/lib/apt/apt-helper cat-file ${file}`), "utf8");
    return {
      index: PackageIndex.scan(bytes, file),
      source: { url, suites: [suite], components: [component], keys: [], allowUnsigned: true, origin: "base" },
      priority: 500,
    };
  });
}
