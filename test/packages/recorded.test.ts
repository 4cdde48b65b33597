import { describe, it } from "mocha";
import { recordedPackages } from "../../provider/packages/recorded.js";
import { systemOf } from "../../provider/packages/root/operating-system.js";
import { expect } from "../support/expectations.js";
import { treeOf } from "./root/base-tree.js";

const paragraph = (name: string, version: string, more = ""): string =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}\n`;
const stanza = (name: string, more = ""): string => `C:Q1${"A".repeat(27)}=\nP:${name}\nV:1.0-r0\nA:x86_64\n${more}\n`;

describe("the packages that a root records", () => {
  const of = (files: Readonly<Record<string, string>>) =>
    recordedPackages(treeOf(files)).map(({ type, name, version, source, license }) => [type, name, version, source, license]);

  it("are those of dpkg that are installed, sorted, with their source where it differs", () => {
    const status = [
      paragraph("zlib1g", "1:1.2-1", "Source: zlib\n"),
      paragraph("libcap2", "1:2-4+b1", "Source: libcap2 (1:2-4)\n"),
      paragraph("apt", "2.6").replace("install ok installed", "deinstall ok config-files"),
      paragraph("dpkg", "1.21", "Source: dpkg (1.21)\n"),
    ];
    expect(of({ "var/lib/dpkg/status": status.join("") })).to.deep.equal([
      ["deb", "dpkg", "1.21", undefined, undefined],
      ["deb", "libcap2", "1:2-4+b1", { name: "libcap2", version: "1:2-4" }, undefined],
      ["deb", "zlib1g", "1:1.2-1", { name: "zlib", version: "1:1.2-1" }, undefined],
    ]);
  });

  it("are those of distroless' folder, without Status", () => {
    const text = paragraph("base-files", "12").replace(/^Status.*\n/m, "");
    expect(of({ "var/lib/dpkg/status.d/base-files": text, "var/lib/dpkg/status.d/base-files.md5sums": "x" })).to.deep.equal([
      ["deb", "base-files", "12", undefined, undefined],
    ]);
  });

  it("are those of apk, in either place, each once, with their licence", () => {
    const text = stanza("musl", "L:MIT\no:musl\nF:lib\nR:x\nZ:Q1y\n") + stanza("libssl3", "o:openssl\n") + stanza("musl", "L:MIT\n");
    const expected = [
      ["apk", "libssl3", "1.0-r0", { name: "openssl", version: "1.0-r0" }, undefined],
      ["apk", "musl", "1.0-r0", undefined, "MIT"],
    ];
    expect(of({ "lib/apk/db/installed": text })).to.deep.equal(expected);
    expect(of({ "usr/lib/apk/db/installed": text })).to.deep.equal(expected);
  });

  it("are none in a root without a database", () => {
    expect(of({ "etc/passwd": "" })).to.deep.equal([]);
  });
});

describe("what a root says it is", () => {
  for (const [release, more, expected] of [
    ["ID=debian\nVERSION_ID=12\n", { "etc/debian_version": "12.15\n" }, ["debian", "12.15", "debian"]],
    ["ID=debian\nVERSION_ID=12\n", {}, ["debian", "12", "debian"]],
    ["ID=debian\nVERSION_CODENAME=forky\n", { "etc/debian_version": "forky/sid\n" }, ["debian", "forky", "debian"]],
    ["ID=alpine\nVERSION_ID=3.19.4\n", {}, ["alpine", "3.19.4", "alpine"]],
    ["ID=dhi\nID_LIKE=debian\nVERSION_ID=13\n", { "etc/debian_version": "13.1\n" }, ["dhi", "13", "debian"]],
    ["ID=dhi\nID_LIKE=alpine\nVERSION_ID=3.23\n", {}, ["dhi", "3.23", "alpine"]],
    ["ID=wolfi\n", {}, ["wolfi", "", "wolfi"]],
  ] as const) {
    it(`${JSON.stringify(release)} is ${expected.join(" ")}`, () => {
      const found = systemOf(treeOf({ "usr/lib/os-release": release, ...more }));
      expect([found?.id, found?.version, found?.madeOf.id]).to.deep.equal(expected);
    });
  }

  it("is nothing without os-release", () => {
    expect(systemOf(treeOf({ "etc/debian_version": "12.15\n" }))).to.equal(undefined);
  });
});
