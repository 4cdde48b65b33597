import { describe, it } from "mocha";
import { added, resolveMade, type MadeCase } from "../../../support/apk/made-case.js";
import { expect } from "../../../support/expectations.js";

const names = (made: MadeCase): readonly string[] => added(made).map((text) => text.split(" ")[0] ?? "");
const conflict = (message: RegExp): object => ({ code: "conflict", message });

describe("provided names", () => {
  it("with a version are met by the newest; without one by the highest priority", () => {
    expect(names({ archive: ["a 1; p: x=1", "b 1; p: x=2"], ask: ["x"] })).to.deep.equal(["b"]);
    expect(names({ archive: ["a 1; p: x; k: 5", "b 1; p: x; k: 10", "c 1; p: x"], ask: ["x"] })).to.deep.equal(["b"]);
  });

  it("without version and priority are not chosen, from one package or several, unless one is requested or in the base", () => {
    const archive = ["a 1; p: x", "b 1; p: x", "c 1; D: x"];
    expect(() => names({ archive, ask: ["c"] })).to.throwError(
      conflict(/c 1 needs x, but x is provided by a, b, none of which is chosen by itself/),
    );
    expect(() => names({ archive: ["a 1; p: x"], ask: ["x"] })).to.throwError(conflict(/^x cannot be added: x is provided by a, none/));
    expect(names({ archive, ask: ["c", "b"] })).to.deep.equal(["b", "c"]);
    expect(names({ archive, base: ["a 1; p: x"], ask: ["c"] })).to.deep.equal(["c"]);
  });

  it("that are also a package's own name mean that package", () => {
    expect(names({ archive: ["x 1", "a 2; p: x"], ask: ["x"] })).to.deep.equal(["x"]);
    expect(names({ archive: ["x 1", "a 1; p: x=2"], ask: ["x"] })).to.deep.equal(["a"]);
  });

  it("are met within their versions only, and a name without version by nothing that has one", () => {
    const archive = ["a 1; p: so:z=1.2", "b 1; p: so:y", "c 1; D: so:z>=1.3", "d 1; D: so:y=1"];
    expect(() => names({ archive, ask: ["c"] })).to.throwError(
      conflict(/c 1 needs so:z>=1\.3, but there is only a 1, which provides so:z 1\.2/),
    );
    expect(() => names({ archive, ask: ["d"] })).to.throwError(conflict(/there is only b 1, which provides so:y without a version/));
    expect(names({ archive, ask: ["so:z~1.2"] })).to.deep.equal(["a"]);
  });

  it("that two packages have, with a version, keep them apart", () => {
    const archive = ["a 1; p: cmd:x=1", "b 1; p: cmd:x=1", "c 1; p: cmd:x", "d 1; p: cmd:x"];
    expect(() => names({ archive, ask: ["a", "b"] })).to.throwError(conflict(/cmd:x/));
    expect(names({ archive, ask: ["c", "d"] })).to.deep.equal(["c", "d"]);
  });
});

describe("install_if", () => {
  const archive = ["git 1", "git-doc 1; i: git=1 docs", "git-doc-extra 1; i: git-doc", "docs 1", "lang 1; i: git !quiet", "quiet 1"];

  it("adds a package when all of its names are present", () => {
    expect(names({ archive, ask: ["git"] })).to.deep.equal(["git"]);
    expect(names({ archive, ask: ["git", "docs"] })).to.deep.equal(["docs", "git", "git-doc", "git-doc-extra"]);
    expect(names({ archive, base: ["docs 1"], ask: ["git"] })).to.deep.equal(["git", "git-doc", "git-doc-extra"]);
  });

  it("is not for another version, and not for what is forbidden", () => {
    expect(names({ archive: [...archive, "git 2"], ask: ["git", "docs"] })).to.deep.equal(["docs", "git"]);
    expect(names({ archive, ask: ["git", "docs", "!git-doc"] })).to.deep.equal(["docs", "git"]);
  });

  it("shows in the chain", () => {
    const { added: list } = resolveMade({ archive, ask: ["git", "docs"] });
    expect(list.find(({ name }) => name === "git-doc-extra")?.chain).to.deep.equal(["git", "git-doc", "git-doc-extra"]);
  });
});

describe("versions that are held", () => {
  const moved = ["y 1; D: z", "y 2; D: z", "x 1", "x 3", "z 1", "z 2"];

  it("are the only ones that come in, in the order in which they would without", () => {
    const before = resolveMade({ archive: ["y 1; D: z", "x 1", "z 1"], ask: ["y", "x"] }).added;
    const held = Object.fromEntries(before.map(({ name, version }) => [name, version]));
    const after = resolveMade({ archive: moved, ask: ["y", "x"], held }).added;
    expect(after.map(({ name, version, requested, chain }) => [name, version, requested, chain])).to.deep.equal(
      before.map(({ name, version, requested, chain }) => [name, version, requested, chain]),
    );
  });

  it("add nothing that is no longer requested", () => {
    expect(added({ archive: moved, ask: ["x"], held: { x: "1", y: "1", z: "1" } })).to.deep.equal(["x 1"]);
  });

  it("are an error of the resolution if no archive has them any more", () => {
    expect(() => added({ archive: moved, ask: ["y"], held: { y: "1", z: "0" } })).to.throwError({ code: "not-found", property: "resolution", message: "no archive has z 0, the held version, only 1, 2" }); // prettier-ignore
  });
});

describe("tags", () => {
  const archive = [{ lines: ["a 1", "b 1; D: a"] }, { tag: "edge", lines: ["a 2", "b 2; D: a>1", "only 1; D: a>1"] }];

  it("exclude repositories unless they are requested", () => {
    expect(added({ archive, ask: ["b"] })).to.deep.equal(["a 1", "b 1"]);
    expect(added({ archive, ask: ["b@edge"] })).to.deep.equal(["a 2", "b 2"]);
    expect(() => added({ archive, ask: ["only"] })).to.throwError(conflict(/only 1 is only in tagged repositories: write only@edge/));
  });

  it("spread to dependencies that untagged repositories do not have", () => {
    expect(added({ archive, ask: ["only@edge"] })).to.deep.equal(["a 2", "only 1"]);
    expect(added({ archive: [{ lines: ["a 1"] }, { tag: "edge", lines: ["a 2", "c 1; D: a"] }], ask: ["c@edge"] })).to.deep.equal([
      "a 1",
      "c 1",
    ]);
  });

  it("apply to held versions too", () => {
    expect(added({ archive, ask: ["only@edge"], held: { only: "1", a: "2" } })).to.deep.equal(["a 2", "only 1"]);
  });

  it("are an error if no repository has them", () => {
    expect(() => added({ archive, ask: ["a@nightly"] })).to.throwError({
      code: "not-found",
      message: "no repository has the tag @nightly",
    });
  });
});

describe("the base", () => {
  it("is upgraded only where a dependency needs it, which is a notice", () => {
    const base = ["musl 1", "tool 1; D: musl"];
    const archive = ["musl 2", "tool 2; D: musl", "new 1; D: musl>1", "old 1; D: musl"];
    expect(added({ archive, base, ask: ["old"] })).to.deep.equal(["old 1"]);
    const { added: list, notices } = resolveMade({ archive, base, ask: ["new"] });
    expect(list.map(({ name, version }) => `${name} ${version}`)).to.deep.equal(["musl 2", "new 1"]);
    expect(notices).to.deep.equal([
      { kind: "upgraded", message: "musl of the base is upgraded from 1 to 2, for new -> musl", package: "musl" },
    ]);
  });

  it("is never downgraded", () => {
    const made = { archive: ["ssl 1", "tool 1; D: ssl=1"], base: ["ssl 2"], ask: ["tool"] };
    expect(() => resolveMade(made)).to.throwError(conflict(/^ssl of the base would have to be downgraded from 2 to 1, for tool -> ssl$/));
  });

  it("is never removed", () => {
    const archive = ["tool 1; D: !shell", "other 1; p: shell=2"];
    expect(() => resolveMade({ archive, base: ["shell 1"], ask: ["tool"] })).to.throwError(conflict(/shell/));
    expect(() =>
      resolveMade({
        archive: ["new 2; D: lib=2", "lib 2", "app 1; D: lib=1"],
        base: ["lib 1", "app 1; D: lib=1; i: lib=1"],
        world: "lib",
        ask: ["new"],
      }),
    ).to.throwError(conflict(/app|lib/));
  });

  it("is kept where apk would remove orphans, and where it has no world", () => {
    expect(added({ archive: ["a 1"], base: ["orphan 1", "b 1"], world: "b", ask: ["a"] })).to.deep.equal(["a 1"]);
    expect(added({ archive: ["a 1"], base: ["orphan 1", "b 1"], world: "", ask: ["a"] })).to.deep.equal(["a 1"]);
  });

  it("may require unknown packages, which is a notice", () => {
    const { added: list, notices } = resolveMade({ archive: ["a 1"], base: ["b 1"], world: "b\ngone>1", ask: ["a"] });
    expect(list.map(({ name }) => name)).to.deep.equal(["a"]);
    expect(notices.map(({ message }) => message)).to.deep.equal([
      "the base's world requires gone>1, which neither the base nor an archive has",
    ]);
  });
});

it("an added shell, interpreter or package manager is a notice with its chain", () => {
  const { notices } = resolveMade({ archive: ["app 1; D: bash py", "bash 5", "py 3; D: python3", "python3 3.11"], ask: ["app", "bash"] });
  expect(notices.map(({ message }) => message)).to.deep.equal([
    "bash, a shell, is added as requested",
    "python3, an interpreter, is added by app -> py -> python3",
  ]);
});
