import { expect } from "chai";
import { describe, it } from "mocha";
import { readRelease, toSources } from "../../scripts/rootfs.mjs";
import { findUnlocked } from "../../scripts/workspace.mjs";

describe("rootfs", () => {
  it("reads the release", () => {
    expect(
      readRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n'),
    ).to.deep.equal({
      id: "debian",
      codename: "bookworm",
      version: "12",
    });
    expect(() => readRelease("ID=alpine\nVERSION_ID=3.19\n")).to.throw(/run this on Debian or Ubuntu/);
  });

  it("takes the distribution's own archives, once each, and no third party's", () => {
    const targets = [
      "http://a.test/debian/|bookworm|main|Debian|bookworm",
      "http://a.test/debian/|bookworm|main|Debian|bookworm",
      "http://a.test/debian/|bookworm-updates|main|Debian|bookworm-updates",
      "http://a.test/debian/|bookworm-backports|main|Debian Backports|bookworm-backports",
      "http://a.test/debian/|bookworm-backports|main|Debian|bookworm-backports",
      "http://a.test/debian/|trixie|main|Debian|trixie",
      "http://third.test/|stable|main|Third|bookworm",
      "",
    ].join("\n");
    expect(toSources(targets, { id: "debian", codename: "bookworm" }, "/k.gpg")).to.deep.equal([
      "deb [signed-by=/k.gpg] http://a.test/debian/ bookworm main",
      "deb [signed-by=/k.gpg] http://a.test/debian/ bookworm-updates main",
    ]);
    expect(toSources("", { id: "debian", codename: "bookworm" })).to.deep.equal([]);
  });
});

describe("workspace", () => {
  it("finds what is not installed as locked, optional packages aside", () => {
    const wanted = { "": {}, "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "2.0.0", optional: true } };
    expect(findUnlocked(wanted, { "node_modules/a": { version: "1.0.0" } })).to.equal(undefined);
    expect(findUnlocked(wanted, { "node_modules/a": { version: "1.0.1" } })).to.equal("node_modules/a");
    expect(findUnlocked(wanted, {})).to.equal("node_modules/a");
  });
});
