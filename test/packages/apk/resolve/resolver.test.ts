import { describe, it } from "mocha";
import { formatWorld } from "../../../../provider/packages/apk/resolve/world.js";
import { added, resolveMade } from "../../../support/apk/made-case.js";
import { expect, expectThat } from "../../../support/expectations.js";

describe("what apk adds", () => {
  it("is the requested packages and all their dependencies, dependencies first", () => {
    const archive = ["git 2; D: curl-lib so:z.so=1", "curl-lib 8; D: tls", "tls 3", "zlib 1.3; p: so:z.so=1", "unneeded 1"];
    expect(added({ archive, ask: ["git"] })).to.deep.equal(["tls 3", "curl-lib 8", "zlib 1.3", "git 2"]);
  });

  it("is described with its chain, its file and whether it was requested", () => {
    const { added: list } = resolveMade({ archive: ["git 2-r1; D: tls", "tls 3; S: 77"], ask: ["git"] });
    const [tls, git] = list;
    expect([tls?.requested, git?.requested, tls?.chain, git?.chain]).to.deep.equal([false, true, ["git", "tls"], ["git"]]);
    expect(git?.payload.url).to.equal("http://archive.example/main/x86_64/git-2-r1.apk");
    expectThat(git !== undefined);
    expect(git.payload.checksum).to.match(/^Q1[A-Za-z0-9+/]{27}=$/);
    expect(tls?.payload.size).to.equal(77);
    expectThat(tls !== undefined);
    expect(tls.stanza).to.match(/^C:Q1.*\nP:tls\nV:3\n/);
    expect(tls.payload.source.url).to.equal("http://archive.example/main");
  });

  it("is nothing where the base has it", () => {
    const made = { archive: ["musl 2", "busybox 1; D: musl"], base: ["musl 1", "busybox 1; D: musl"], ask: ["busybox", "musl"] };
    expect(added(made)).to.deep.equal([]);
  });

  it("is the newest of several versions, or a requested one", () => {
    const archive = ["a 1.9", "a 1.10-r1", "a 1.10_rc1", "b 1; D: a<1.10"];
    expect(added({ archive, ask: ["a"] })).to.deep.equal(["a 1.10-r1"]);
    expect(added({ archive, ask: ["a=1.9"] })).to.deep.equal(["a 1.9"]);
    expect(added({ archive, ask: ["a~1.9"] })).to.deep.equal(["a 1.9"]);
    expect(added({ archive, ask: ["b"] })).to.deep.equal(["a 1.10_rc1", "b 1"]);
  });

  it("comes from the first repository that has it, and the newest of all", () => {
    const archive = [{ lines: ["a 1", "b 1"] }, { lines: ["a 2", "b 1"] }];
    const { added: list } = resolveMade({ archive, ask: ["a", "b"] });
    expect(list.map(({ payload }) => payload.url)).to.deep.equal([
      "http://archive.example/other1/x86_64/a-2.apk",
      "http://archive.example/main/x86_64/b-1.apk",
    ]);
  });

  it("is fetched from the folder of its own architecture", () => {
    const { added: list } = resolveMade({ archive: ["a 1; A: noarch"], ask: ["a"] });
    expect(list[0]?.payload.url).to.equal("http://archive.example/main/noarch/a-1.apk");
    expect(() => resolveMade({ archive: ["a 1; A: aarch64"], ask: ["a"] })).to.throwError({ code: "conflict" });
  });

  it("includes all of a cycle of dependencies", () => {
    expect(added({ archive: ["a 1; D: b", "b 1; D: c", "c 1; D: a"], ask: ["b"] })).to.deep.equal(["a 1", "c 1", "b 1"]);
  });

  it("leaves out what is assumed to be there", () => {
    expect(added({ archive: ["a 1; D: shell b", "b 1"], ask: ["a"], assumeInstalled: ["shell"] })).to.deep.equal(["b 1", "a 1"]);
  });
});

it("has the tag of a repository, unless an untagged one has the package too", () => {
  const { added: found } = resolveMade({
    archive: [{ lines: ["both 1"] }, { tag: "edge", lines: ["both 1", "only 1"] }],
    ask: ["both@edge", "only@edge"],
  });
  expect(found.map(({ name, tag }) => [name, tag])).to.deep.equal([["both", undefined], ["only", "edge"]]); // prettier-ignore
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
    expect(world([])).to.equal("!bad\nBash\nmusl=1\nzlib\n".replace("!bad\nBash", "!bad\nBash"));
    expect(world(["curl=8-r1", "git@edge", "so:x", "alpha~1", "!other"])).to.equal(
      "alpha~1\n!bad\nBash\ncurl=8-r1\ngit@edge\nmusl=1\n!other\nso:x\nzlib\n",
    );
  });

  it("has the last request for a name", () => {
    expect(world(["zlib=1"])).to.equal("!bad\nBash\nmusl=1\nzlib=1\n");
    expect(world(["bad"], "zlib\nBash\nmusl\n!bad\n")).to.equal("bad\nBash\nmusl\nzlib\n");
  });
});
