import { describe, it } from "mocha";
import { keepOfBase } from "../../../provider/packages/root/distribution-files.js";
import { detectDistribution, formatDistribution, parseDistribution } from "../../../provider/packages/root/distribution.js";
import { expect, expectThat } from "../../support/expectations.js";
import { treeOf } from "./base-tree.js";

const bookworm = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n';
const alpine = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n';

describe("the distribution input", () => {
  for (const [text, expected] of [
    ["debian:bookworm", "debian:bookworm"],
    ["debian:12", "debian:bookworm"],
    ["debian:13", "debian:trixie"],
    ["debian:sid", "debian:sid"],
    ["debian:unstable", "debian:sid"],
    ["alpine:3.19", "alpine:3.19"],
    ["alpine:v3.20", "alpine:3.20"],
    ["alpine:3.19.1", "alpine:3.19"],
    ["alpine:edge", "alpine:edge"],
  ] as const) {
    it(`${text} is ${expected}`, () => expect(formatDistribution(parseDistribution(text))).to.equal(expected));
  }

  for (const [text, why] of [
    ["debian", /is not a distribution/],
    ["debian:stable", /moves from release to release/],
    ["debian:12.5", /point release/],
    ["debian:jammy", /not a known release of Debian/],
    ["debian:bookworm-slim", /is not a distribution/],
    ["alpine:4", /not a release of Alpine/],
    ["ubuntu:24.04", /only from Debian and Alpine/],
  ] as const) {
    it(`${text} is rejected`, () => {
      expect(() => parseDistribution(text)).to.throwError({ code: "invalid", origin: "inputs", property: "distribution", message: why });
    });
  }
});

describe("the distribution of a base", () => {
  it("is read from os-release and status", () => {
    const tree = treeOf({
      "usr/lib/os-release": bookworm,
      "etc/os-release": "-> ../usr/lib/os-release",
      "var/lib/dpkg/status": "Package: dpkg\n",
    });
    expect(detectDistribution(tree)).to.deep.equal({ family: "debian", release: "bookworm" });
  });

  it("is read without /etc/os-release, with status.d, without a codename", () => {
    const text = bookworm.replace("VERSION_CODENAME=bookworm\n", "");
    const tree = treeOf({ "usr/lib/os-release": text, "var/lib/dpkg/status.d/base": "Package: base-files\n" });
    expect(detectDistribution(tree)).to.deep.equal({ family: "debian", release: "bookworm" });
  });

  it("may be testing, which has no number", () => {
    const tree = treeOf({ "etc/os-release": "ID=debian\nVERSION_CODENAME=forky\n", "var/lib/dpkg/status": "Package: dpkg\n" });
    expect(detectDistribution(tree).release).to.equal("forky");
  });

  it("may be Alpine or its edge, with the database in either place", () => {
    expect(detectDistribution(treeOf({ "etc/os-release": alpine, "lib/apk/db/installed": "" }))).to.deep.equal({
      family: "alpine",
      release: "3.19",
    });
    const edge = alpine.replace("3.19.1", "3.23_alpha20250612");
    expect(detectDistribution(treeOf({ "etc/os-release": edge, "usr/lib/apk/db/installed": "" }))).to.deep.equal({
      family: "alpine",
      release: "edge",
    });
  });

  // docker-hardened-images/advisories, integration/dhi-scanner-integration-upcoming-changes.md
  it("may be Docker's hardened images, which say dhi, and what they are made of", () => {
    const dhi = bookworm.replace("ID=debian", "ID=dhi\nID_LIKE=debian").replace("VERSION_CODENAME=bookworm\n", "");
    expect(detectDistribution(treeOf({ "etc/os-release": dhi, "var/lib/dpkg/status": "Package: dpkg\n" }))).to.deep.equal({
      family: "debian",
      release: "bookworm",
    });
    const made = alpine.replace("ID=alpine", 'ID=dhi\nID_LIKE="alpine"');
    expect(detectDistribution(treeOf({ "etc/os-release": made, "lib/apk/db/installed": "" }))).to.deep.equal({
      family: "alpine",
      release: "3.19",
    });
  });

  for (const [name, files, message] of [
    ["nothing", {}, /no os-release/],
    ["dhi without what it is like", { "etc/os-release": "ID=dhi\nPRETTY_NAME=Hardened\n" }, /"Hardened"/],
    ["like Debian, but with an archive of its own", { "etc/os-release": "ID=ubuntu\nID_LIKE=debian\n" }, /"ubuntu"/],
    [
      "an unknown distribution",
      { "etc/os-release": 'ID=ubuntu\nPRETTY_NAME="Ubuntu 24.04"\n', "var/lib/dpkg/status": "Package: dpkg\n" },
      /"Ubuntu 24.04"/,
    ],
    ["rpm", { "etc/os-release": "ID=fedora\n", "var/lib/rpm/rpmdb.sqlite": "x" }, /rpm packages/],
    ["rpm without os-release", { "usr/lib/sysimage/rpm/rpmdb.sqlite": "x" }, /rpm packages/],
    ["Debian without a database", { "etc/os-release": bookworm }, /no package database/],
    ["Alpine without a database", { "etc/os-release": alpine }, /no package database/],
    [
      "an unknown release of Debian",
      { "etc/os-release": "ID=debian\nVERSION_CODENAME=n/a\n", "var/lib/dpkg/status": "Package: dpkg\n" },
      /an unknown release of Debian/,
    ],
  ] as const) {
    it(`is rejected: ${name}`, () => {
      expect(() => detectDistribution(treeOf(files))).to.throwError({ code: "invalid", origin: "base", message });
    });
  }

  it("is an error if os-release was not kept", () => {
    const tree = treeOf({ "etc/os-release": bookworm });
    const node = tree.get("etc/os-release");
    expectThat(node?.content !== undefined);
    const { digest, size } = node.content;
    tree.set("etc/os-release", { ...node, content: { from: "layer", digest, size, blob: digest, extents: [] } });
    expect(() => detectDistribution(tree)).to.throwError({ code: "limit", message: /\/etc\/os-release/ });
  });
});

describe("the files of a base that are kept", () => {
  it("are databases, keys and sources, and no maintainer scripts", () => {
    for (const path of ["etc/os-release", "var/lib/dpkg/status", "var/lib/dpkg/status.d/libc6", "var/lib/dpkg/info/libc6:amd64.list"])
      expect(keepOfBase(path), path).to.equal(true);
    for (const path of ["etc/apt/sources.list.d/debian.sources", "usr/share/keyrings/debian-archive-keyring.gpg", "lib/apk/db/installed"])
      expect(keepOfBase(path), path).to.equal(true);
    for (const path of ["var/lib/dpkg/info/libc6:amd64.postinst", "var/lib/dpkg/status-old", "usr/bin/dpkg", "etc/apt"])
      expect(keepOfBase(path), path).to.equal(false);
  });
});
