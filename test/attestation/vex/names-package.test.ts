import { describe, it } from "mocha";
import { NamedPackages, namedPackages } from "../../../provider/attestation/vex/names-package.js";
import { expect } from "../../support/expectations.js";
import { statement, vexOf } from "./documents.js";
import { alpine, debian } from "./packages.js";

const bzip2 = debian("bzip2", "1.0.8-6+dhi2");
const sqlite = debian("libsqlite3-0", "3.46.1-7+deb13u1", { source: { name: "sqlite3", version: "3.46.1-7+deb13u1" } });
const libc = debian("libc6", "2.41-12+b1", { source: { name: "glibc", version: "2.41-12" } });
const git = debian("git", "1:2.47.3-0");
const dhi = debian("coreutils", "9.7-3+dhi3", { namespace: "dhi", distro: "dhi-13" });
const musl = alpine("musl", "1.2.5-r9");
const utmps = alpine("utmps-libs", "0.1.2-r2", { source: { name: "utmps", version: "0.1.2-r2" } });
const scout = "os_distro=trixie&os_name=debian&os_version=13";

describe("a package that a statement names", () => {
  const table: readonly (readonly [string, readonly string[], typeof bzip2, boolean])[] = [
    ["in its version", ["pkg:deb/debian/bzip2@1.0.8-6%2Bdhi2"], bzip2, true],
    ["in another version", ["pkg:deb/debian/bzip2@1.0.8-6"], bzip2, false],
    ["in any version", ["pkg:deb/debian/bzip2"], bzip2, true],
    ["under another name", ["pkg:deb/debian/libbz2-1.0"], bzip2, false],
    // docker-hardened-images/advisories#1827: the product lists both, and means the versions.
    ["without a version beside its own", ["pkg:deb/debian/bzip2", "pkg:deb/debian/bzip2@1.0.8-6%2Bdhi2"], bzip2, true],
    ["without a version beside others", ["pkg:deb/debian/bzip2", "pkg:deb/debian/bzip2@1.0.8-6"], bzip2, false],
    [
      "without a version beside others, for another release",
      ["pkg:deb/debian/bzip2", "pkg:deb/debian/bzip2@1.0.8-5?os_version=12"],
      bzip2,
      false,
    ],
    ["without a version beside its source", ["pkg:deb/debian/libsqlite3-0", "pkg:deb/debian/sqlite3@3.46.1-7%2Bdeb13u1"], sqlite, true],
    ["without a version beside another of its source", ["pkg:deb/debian/libsqlite3-0", "pkg:deb/debian/sqlite3@3.46.1-6"], sqlite, false],
    ["by its source, in the product's form", [`pkg:deb/debian/glibc@2.41-12?${scout}`], libc, true],
    ["by its source in another version", [`pkg:deb/debian/glibc@2.41-12%2Bdeb13u4?${scout}`], libc, false],
    ["by its source in any version", [`pkg:deb/debian/glibc?${scout}`], libc, true],
    ["by its source, as the purl-spec has it", ["pkg:deb/debian/glibc@2.41-12?arch=source"], libc, true],
    // It may be the package of that name, which is another one.
    ["by the name of its source alone", ["pkg:deb/debian/glibc@2.41-12"], libc, false],
    ["by its source without a version, beside its version", ["pkg:deb/debian/glibc", `pkg:deb/debian/glibc@2.41-12?${scout}`], libc, true],
    ["with the epoch in the version", ["pkg:deb/debian/git@1%3A2.47.3-0"], git, true],
    ["with the epoch as a qualifier", ["pkg:deb/debian/git@2.47.3-0?epoch=1"], git, true],
    ["without the epoch", ["pkg:deb/debian/git@2.47.3-0"], git, false],
    ["for its architecture", ["pkg:deb/debian/bzip2@1.0.8-6%2Bdhi2?arch=amd64"], bzip2, true],
    ["for another architecture", ["pkg:deb/debian/bzip2@1.0.8-6%2Bdhi2?arch=arm64"], bzip2, false],
    ["for its release", ["pkg:deb/debian/bzip2?distro=debian-13"], bzip2, true],
    ["for its point release", ["pkg:deb/debian/bzip2?distro=debian-13.6"], bzip2, true],
    ["for another release", ["pkg:deb/debian/bzip2?distro=debian-12"], bzip2, false],
    ["for another release that begins the same", ["pkg:deb/debian/bzip2?distro=debian-1"], bzip2, false],
    ["for a release by its name, which cannot be compared", ["pkg:deb/debian/bzip2?distro=trixie"], bzip2, true],
    ["in the product's namespace", ["pkg:deb/dhi/coreutils@9.7-3%2Bdhi3?os_distro=debian&os_name=dhi&os_version=13"], dhi, true],
    ["in its ancestor's namespace", ["pkg:deb/debian/coreutils@9.7-3%2Bdhi3"], dhi, false],
    ["as Alpine's", ["pkg:apk/alpine/musl@1.2.5-r9"], musl, true],
    ["as Alpine's, of its branch", ["pkg:apk/alpine/musl@1.2.5-r9?os_name=alpine&os_version=3.22"], musl, true],
    ["as Alpine's, of another branch", ["pkg:apk/alpine/musl?os_name=alpine&os_version=3.2"], musl, false],
    ["by its origin in Alpine", ["pkg:apk/alpine/utmps@0.1.2-r2?os_name=alpine&os_version=3.22"], utmps, true],
    ["as another type", ["pkg:apk/debian/bzip2@1.0.8-6%2Bdhi2"], bzip2, false],
  ];
  for (const [how, purls, present, expected] of table) {
    it(`${expected ? "is" : "is not"} meant: ${how}`, () => {
      const [read] = vexOf(statement("CVE-1", purls)).statements;
      expect(new NamedPackages(read === undefined ? [] : namedPackages(read)).has(present)).to.equal(expected);
    });
  }

  it("is a part of an image, where it is the base that is named by digest", () => {
    const digest = `sha256:${"a".repeat(64)}` as const;
    const other = `sha256:${"b".repeat(64)}` as const;
    const named = (id: string, images: readonly (typeof digest)[]): number => {
      const [read] = vexOf(statement("CVE-1", [{ "@id": id, subcomponents: [{ "@id": "pkg:deb/debian/bzip2" }] }])).statements;
      return read === undefined ? NaN : namedPackages(read, images).length;
    };
    expect(named("pkg:oci/python?repository_url=dhi.io", [digest])).to.equal(1);
    expect(named(`pkg:oci/python@${digest}`, [other, digest])).to.equal(1);
    expect(named(`pkg:oci/python@${digest}`, [other])).to.equal(0);
    expect(named(`pkg:docker/dhi/python@3.13?digest=${digest}`, [other])).to.equal(0);
    expect(named(`pkg:oci/python@${digest}`, [])).to.equal(1);
    expect(named("pkg:deb/debian/bash", [digest]), "a part of a package").to.equal(0);
  });

  it("is not meant by a statement about an image as a whole", () => {
    const [read] = vexOf(statement("CVE-1", ["pkg:oci/python", "pkg:docker/dhi/python"])).statements;
    expect(read === undefined ? undefined : namedPackages(read)).to.deep.equal([]);
  });
});
