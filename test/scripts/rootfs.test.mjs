import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRelease, toSources } from "../../scripts/rootfs.mjs";
import { findUnlocked } from "../../scripts/workspace.mjs";

describe("rootfs", () => {
  it("reads the release", () => {
    assert.deepEqual(readRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n'), {
      id: "debian",
      codename: "bookworm",
      version: "12",
    });
    assert.throws(() => readRelease("ID=alpine\nVERSION_ID=3.19\n"), /run this on Debian or Ubuntu/);
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
    assert.deepEqual(toSources(targets, { id: "debian", codename: "bookworm" }, "/k.gpg"), [
      "deb [signed-by=/k.gpg] http://a.test/debian/ bookworm main",
      "deb [signed-by=/k.gpg] http://a.test/debian/ bookworm-updates main",
    ]);
    assert.deepEqual(toSources("", { id: "debian", codename: "bookworm" }), []);
  });
});

describe("workspace", () => {
  it("finds what is not installed as locked, optional packages aside", () => {
    const wanted = { "": {}, "node_modules/a": { version: "1.0.0" }, "node_modules/b": { version: "2.0.0", optional: true } };
    assert.equal(findUnlocked(wanted, { "node_modules/a": { version: "1.0.0" } }), undefined);
    assert.equal(findUnlocked(wanted, { "node_modules/a": { version: "1.0.1" } }), "node_modules/a");
    assert.equal(findUnlocked(wanted, {}), "node_modules/a");
  });
});
