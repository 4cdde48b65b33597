import { describe, it } from "mocha";
import { judgesTree } from "../../../provider/pipeline/policy/judges-tree.js";
import type { PlatformFacts } from "../../../provider/pipeline/policy/platform-facts.js";
import { policy } from "../../../provider/pipeline/spec/policy.js";
import { defaultDirectory } from "../../../provider/rootfs/tree/file-tree.js";
import { expect } from "../../support/expectations.js";
import { file, link } from "../plan/planning.js";
import { config, factsOf, judge, violations } from "./platform.js";

const program = file("x", { mode: 0o755 });
const passwd = file("root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\napp:x:1001:1001::/:\n");
const status = file(
  "Package: bash\nStatus: install ok installed\nVersion: 5.2\nArchitecture: amd64\n\nPackage: telnet\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: amd64\n",
);
const installed = file(
  "C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:busybox\nV:1.36-r1\nA:x86_64\nS:1\nI:1\nT:x\nL:GPL-2.0-only\n\nC:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:musl\nV:1.2-r1\nA:x86_64\nS:1\nI:1\nT:x\nL:MIT OR GPL-2.0-only\n\nC:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:odd\nV:1-r1\nA:x86_64\nS:1\nI:1\nT:x\n",
);

describe("forbidRoot", () => {
  const root = (user: string | undefined): PlatformFacts =>
    factsOf({ "etc/passwd": passwd }, {}, { after: config(user === undefined ? {} : { User: user }) });
  const table: readonly (readonly [user: string | undefined, why: string | undefined])[] = [
    [undefined, "it has no user"],
    ["", "it has no user"],
    ["0", 'its user is "0"'],
    ["00", 'its user is "00"'],
    ["0:1001", 'its user is "0"'],
    [":1001", "it has no user"],
    ["root", 'its user is "root"'],
    ["root:app", 'its user is "root"'],
    ["toor", 'its user is "toor", whose uid is 0'],
    ["app", undefined],
    ["1001", undefined],
    ["1001:0", undefined],
    ["stranger", undefined],
  ];
  for (const [user, why] of table) {
    it(`${why === undefined ? "accepts" : "refuses"} the user ${JSON.stringify(user)}`, async () => {
      const found = await violations({ forbidRoot: true }, root(user));
      expect(found).to.deep.equal(why === undefined ? [] : [`forbidRoot: the image runs as root: ${why}`]);
    });
  }

  it("reads the files of the base only for a user with a name", () => {
    const forbidRoot = policy.parse({ forbidRoot: true });
    expect([config({}), config({ User: "0" }), config({ User: "app" })].map((before) => judgesTree(forbidRoot, before))).to.deep.equal([
      false,
      false,
      true,
    ]);
    expect(judgesTree(policy.parse({ forbidSetuid: true, forbidSecrets: true, maximumGrowthBytes: 1 }), config({}))).to.equal(false);
    expect(judgesTree(undefined, config({ User: "app" }))).to.equal(false);
    for (const rule of [{ forbidShell: true }, { forbidPackageManager: true }, { deniedPackages: ["x"] }, { deniedLicenses: ["x"] }])
      expect(judgesTree(policy.parse(rule), config({}))).to.equal(true);
  });
});

describe("forbidShell and forbidPackageManager", () => {
  const both = { forbidShell: true, forbidPackageManager: true };

  it("accept an image without either", async () => {
    const harmless = { "usr/share/sh": program, "usr/bin/shellcheck": program, "usr/bin/bash": file("no program"), "opt/zsh": program };
    expect(await violations(both, factsOf(harmless, { "usr/bin/python3": program }))).to.deep.equal([]);
    expect(await violations({}, factsOf({ "bin/sh": program }, {}))).to.deep.equal([]);
    expect(await violations({ forbidShell: false }, factsOf({ "bin/sh": program }, {}))).to.deep.equal([]);
  });

  it("find them in base and layers, by their programs, also behind links", async () => {
    const base = { "usr/bin/busybox": program, "usr/bin/sh": link("busybox"), "usr/bin/ash": link("nowhere") };
    const found = await violations(both, factsOf(base, { "opt/venv/bin/pip3.13": program, "usr/sbin/apk": link("../bin/busybox") }));
    expect(found).to.deep.equal([
      "forbidShell: the image has a shell: /usr/bin/busybox, /usr/bin/sh",
      "forbidPackageManager: the image has a package manager: /opt/venv/bin/pip3.13, /usr/sbin/apk",
    ]);
  });

  it("find them by the names of packages", async () => {
    const debian = await violations(both, factsOf({ "var/lib/dpkg/status": status }, { "bin/bash": program }));
    expect(debian).to.deep.equal(["forbidShell: the image has a shell: /bin/bash, and the package bash"]);
    const alpine = await violations(both, factsOf({ "lib/apk/db/installed": installed }, {}));
    expect(alpine).to.deep.equal(["forbidShell: the image has a shell: the package busybox"]);
  });
});

describe("forbidSetuid", () => {
  const su = file("su", { mode: 0o4755 });
  const rule = { forbidSetuid: true };
  const capable = file("ping", { mode: 0o755, pax: { "SCHILY.xattr.security.capability": "x" } });

  it("finds added files with setuid, setgid and capabilities", async () => {
    const added = { "a/su": su, "b/mail": file("m", { mode: 0o2755 }), "c/both": file("b", { mode: 0o6711 }), "d/ping": capable };
    expect(await violations(rule, factsOf({}, added))).to.deep.equal([
      "forbidSetuid: files that run with other rights are added: /a/su (setuid), /b/mail (setgid), /c/both (setuid, setgid), /d/ping (capabilities)",
    ]);
  });

  it("accepts folders with setgid, the base's own files, and these in a newer version of their package", async () => {
    expect(
      await violations(rule, factsOf({}, { mail: { ...defaultDirectory, mode: 0o2775 }, bin: file("x", { mode: 0o1755 }) })),
    ).to.deep.equal([]);
    expect(await violations(rule, factsOf({ "bin/su": su }, {}))).to.deep.equal([]);
    expect(await violations(rule, factsOf({ "bin/su": su }, { "bin/su": { ...su, mode: 0o4711 } }))).to.deep.equal([]);
    expect(
      await violations(rule, factsOf({ "bin/su": su }, { "bin/su": file("new", { mode: 0o4755 }) }, { from: "packages" })),
    ).to.deep.equal([]);
  });

  it("finds other content, and more rights, in the place of the base's", async () => {
    const replaced = factsOf({ "bin/su": su }, { "bin/su": file("new", { mode: 0o4755 }) });
    expect(await violations(rule, replaced)).to.have.length(1);
    const more = factsOf({ "bin/su": file("su", { mode: 0o755 }) }, { "bin/su": su }, { from: "packages" });
    expect(await violations(rule, more)).to.have.length(1);
    const other = factsOf({ "bin/su": { ...su, uid: 1 } }, { "bin/su": su }, { from: "packages" });
    expect(await violations(rule, other)).to.have.length(1);
  });

  it("names ten and counts the others", async () => {
    const added = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`bin/p${String(at + 10)}`, su]));
    expect((await violations(rule, factsOf({}, added)))[0]).to.match(/\/bin\/p19 \(setuid\) and 2 more$/);
  });
});

describe("deniedPackages", () => {
  it("finds names and globs among what the image has", async () => {
    const facts = factsOf({ "var/lib/dpkg/status": status }, {});
    expect(await violations({ deniedPackages: ["b*sh", "telnet"] }, facts)).to.deep.equal([
      "deniedPackages: the image has denied packages: bash 5.2",
    ]);
    expect(await violations({ deniedPackages: ["telnet", "bas"] }, facts)).to.deep.equal([]);
    expect(await violations({ deniedPackages: [] }, factsOf({ "var/lib/rpm/db": file("x") }, {}))).to.deep.equal([]);
  });

  it("cannot be kept where the packages are not known", async () => {
    const facts = factsOf({ "usr/lib/sysimage/rpm/rpmdb.sqlite": file("x") }, {});
    expect(await violations({ deniedPackages: ["x"], deniedLicenses: ["x"] }, facts)).to.deep.equal([
      "deniedPackages: the image has packages of rpm, whose database is not read",
      "deniedLicenses: the image has packages of rpm, whose database is not read",
    ]);
  });
});

describe("deniedLicenses", () => {
  it("finds packages by their licence, and says of which it is not known", async () => {
    const { violations: found, notices } = await judge(
      { deniedLicenses: ["GPL-2.0-only"] },
      factsOf({ "lib/apk/db/installed": installed }, {}),
    );
    expect(found.map(({ message }) => message)).to.deep.equal(["packages have denied licences: busybox (GPL-2.0-only)"]);
    expect(notices).to.deep.equal([{ kind: "license-unknown", message: "policy.deniedLicenses does not know the licences of odd" }]);
    expect(await violations({ deniedLicenses: ["AGPL-*"] }, factsOf({ "lib/apk/db/installed": installed }, {}))).to.deep.equal([]);
  });
});

describe("forbidEndOfLife", () => {
  const label = (date: string): PlatformFacts =>
    factsOf({}, {}, { before: config({ Labels: { "com.docker.dhi.date.end-of-life": date } }) });
  const rule = { forbidEndOfLife: true };
  const table: readonly (readonly [date: string, now: string, isOver: boolean])[] = [
    ["2026-10-31", "2026-10-30T23:59:59Z", false],
    ["2026-10-31", "2026-10-31T23:59:59Z", false],
    ["2026-10-31", "2026-11-01T00:00:00Z", true],
    ["2026-10-31T12:00:00Z", "2026-11-01T00:00:00Z", true],
    ["", "2030-01-01T00:00:00Z", false],
    ["soon", "2030-01-01T00:00:00Z", false],
    ["2026-99-99", "2030-01-01T00:00:00Z", false],
  ];
  for (const [date, now, isOver] of table) {
    it(`${isOver ? "refuses" : "accepts"} ${date || "no date"} at ${now}`, async () => {
      const found = await violations(rule, label(date), now);
      expect(found).to.deep.equal(isOver ? ["forbidEndOfLife: the base is past its end of life: 2026-10-31"] : []);
    });
  }

  it("also reads an annotation, and accepts a base that says nothing", async () => {
    const annotations = { "com.docker.dhi.date.end-of-life": "2020-01-01" };
    expect(await violations(rule, factsOf({}, {}, { annotations }))).to.have.length(1);
    expect(await violations(rule, factsOf({}, {}, { before: config({}) }))).to.deep.equal([]);
  });
});

it("maximumGrowthBytes is the most that the added layers may have", async () => {
  expect(await violations({ maximumGrowthBytes: 1000 }, factsOf({}, {}, { compressedBytes: 1000 }))).to.deep.equal([]);
  expect(await violations({ maximumGrowthBytes: 1000 }, factsOf({}, {}, { compressedBytes: 1001 }))).to.deep.equal([
    "maximumGrowthBytes: the added layers have 1,001 bytes, more than 1,000",
  ]);
  expect(await violations({ maximumGrowthBytes: 0 }, factsOf({}, {}, { compressedBytes: 1 }))).to.have.length(1);
});
