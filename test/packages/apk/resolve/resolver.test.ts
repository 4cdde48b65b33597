import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { formatWorld } from "../../../../provider/packages/apk/resolve/world.js";
import { added, resolveMade } from "../../../support/apk/made-case.js";

describe("what apk adds", () => {
  it("is the requested packages and all their dependencies, dependencies first", () => {
    const archive = ["git 2; D: curl-lib so:z.so=1", "curl-lib 8; D: tls", "tls 3", "zlib 1.3; p: so:z.so=1", "unneeded 1"];
    assert.deepEqual(added({ archive, ask: ["git"] }), ["tls 3", "curl-lib 8", "zlib 1.3", "git 2"]);
  });

  it("is described with its chain, its file and whether it was requested", () => {
    const { added: list } = resolveMade({ archive: ["git 2-r1; D: tls", "tls 3; S: 77"], ask: ["git"] });
    const [tls, git] = list;
    assert.deepEqual([tls?.requested, git?.requested, tls?.chain, git?.chain], [false, true, ["git", "tls"], ["git"]]);
    assert.equal(git?.payload.url, "http://archive.example/main/x86_64/git-2-r1.apk");
    assert.match(git.payload.checksum, /^Q1[A-Za-z0-9+/]{27}=$/);
    assert.equal(tls?.payload.size, 77);
    assert.match(tls.stanza, /^C:Q1.*\nP:tls\nV:3\n/);
    assert.equal(tls.payload.source.url, "http://archive.example/main");
  });

  it("is nothing where the base has it", () => {
    const made = { archive: ["musl 2", "busybox 1; D: musl"], base: ["musl 1", "busybox 1; D: musl"], ask: ["busybox", "musl"] };
    assert.deepEqual(added(made), []);
  });

  it("is the newest of several versions, or a requested one", () => {
    const archive = ["a 1.9", "a 1.10-r1", "a 1.10_rc1", "b 1; D: a<1.10"];
    assert.deepEqual(added({ archive, ask: ["a"] }), ["a 1.10-r1"]);
    assert.deepEqual(added({ archive, ask: ["a=1.9"] }), ["a 1.9"]);
    assert.deepEqual(added({ archive, ask: ["a~1.9"] }), ["a 1.9"]);
    assert.deepEqual(added({ archive, ask: ["b"] }), ["a 1.10_rc1", "b 1"]);
  });

  it("comes from the first repository that has it, and the newest of all", () => {
    const archive = [{ lines: ["a 1", "b 1"] }, { lines: ["a 2", "b 1"] }];
    const { added: list } = resolveMade({ archive, ask: ["a", "b"] });
    assert.deepEqual(
      list.map(({ payload }) => payload.url),
      ["http://archive.example/other1/x86_64/a-2.apk", "http://archive.example/main/x86_64/b-1.apk"],
    );
  });

  it("is fetched from the folder of its own architecture", () => {
    const { added: list } = resolveMade({ archive: ["a 1; A: noarch"], ask: ["a"] });
    assert.equal(list[0]?.payload.url, "http://archive.example/main/noarch/a-1.apk");
    assert.throws(() => resolveMade({ archive: ["a 1; A: aarch64"], ask: ["a"] }), { code: "conflict" });
  });

  it("includes all of a cycle of dependencies", () => {
    assert.deepEqual(added({ archive: ["a 1; D: b", "b 1; D: c", "c 1; D: a"], ask: ["b"] }), ["a 1", "c 1", "b 1"]);
  });

  it("leaves out what is assumed to be there", () => {
    assert.deepEqual(added({ archive: ["a 1; D: shell b", "b 1"], ask: ["a"], assumeInstalled: ["shell"] }), ["b 1", "a 1"]);
  });
});

it("has the tag of a repository, unless an untagged one has the package too", () => {
  const { added: found } = resolveMade({
    archive: [{ lines: ["both 1"] }, { tag: "edge", lines: ["both 1", "only 1"] }],
    ask: ["both@edge", "only@edge"],
  });
  assert.deepEqual(found.map(({ name, tag }) => [name, tag]), [["both", undefined], ["only", "edge"]]); // prettier-ignore
});

describe("world afterwards", () => {
  const world = (ask: readonly string[], base = "zlib\nBash\nmusl=1\n!bad\n"): string =>
    formatWorld(
      resolveMade({
        archive: [
          { lines: ["curl 8-r1", "zlib 1", "Bash 5", "so-it-is 1; p: so:x=1", "alpha 1", "bad 1"] },
          { tag: "edge", lines: ["git 2"] },
        ],
        base: ["zlib 1", "Bash 5", "musl 1"],
        world: base,
        ask,
      }).world,
    );

  it("has the requests as written, sorted as in apk", () => {
    assert.equal(world([]), "!bad\nBash\nmusl=1\nzlib\n".replace("!bad\nBash", "!bad\nBash"));
    assert.equal(
      world(["curl=8-r1", "git@edge", "so:x", "alpha~1", "!other"]),
      "alpha~1\n!bad\nBash\ncurl=8-r1\ngit@edge\nmusl=1\n!other\nso:x\nzlib\n",
    );
  });

  it("has the last request for a name", () => {
    assert.equal(world(["zlib=1"]), "!bad\nBash\nmusl=1\nzlib=1\n");
    assert.equal(world(["bad"], "zlib\nBash\nmusl\n!bad\n"), "bad\nBash\nmusl\nzlib\n");
  });
});
