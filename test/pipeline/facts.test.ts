import { describe, it } from "mocha";
import { formatRepository, parseReference, parseRepository } from "../../provider/image/reference.js";
import { Claims } from "../../provider/pipeline/tags/claims.js";
import { findDrift } from "../../provider/pipeline/tags/drift.js";
import { mergeNotices, type Notice } from "../../provider/pipeline/notice.js";
import { explainChange } from "../../provider/pipeline/resolve/reasons.js";
import { parseResolution, resolutionValue, type Resolution } from "../../provider/pipeline/state/resolution.js";
import { formatId, identityOf, type Identity } from "../../provider/pipeline/spec/image-spec.js";
import { foreignTags, type TagState } from "../../provider/pipeline/tags/states.js";
import { unknown, type Value, type ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const;
const identity = (repository: string, ...tags: string[]): Identity => ({ destination: parseRepository(repository), tags });

describe("claims", () => {
  it("give a tag to one holder, and to the same one again", () => {
    const claims = new Claims(formatRepository);
    expect(claims.claim(identity("ghcr.io/a", "1", "2"), "one")).to.deep.equal([]);
    expect(claims.claim(identity("ghcr.io/a", "1", "2"), "one")).to.deep.equal([]);
    expect(claims.claim(identity("ghcr.io/a", "3", "2"), "two")).to.deep.equal(["2"]);
    expect(claims.claim(identity("ghcr.io/b", "1"), "two")).to.deep.equal([]);
  });

  it("include the free tags of a rejected resource, so that these survive the deletion of another", () => {
    const claims = new Claims(formatRepository);
    claims.claim(identity("ghcr.io/a", "2"), "one");
    claims.claim(identity("ghcr.io/a", "1", "2"), "two");
    expect(claims.isClaimed(identity("ghcr.io/a"), "1")).to.equal(true);
    expect(claims.isClaimed(identity("ghcr.io/a"), "2")).to.equal(true);
    expect(claims.claim(identity("ghcr.io/a", "1"), "three")).to.deep.equal(["1"]);
  });

  it("compare repositories by their keys, in any spelling", () => {
    const claims = new Claims((repository) => formatRepository(repository).replace("./", ""));
    claims.claim(identity("oci:./images", "1"), "one");
    expect(claims.claim(identity("oci:images", "1"), "two")).to.deep.equal(["1"]);
    expect(claims.isClaimed(identity("oci:images"), "1")).to.equal(true);
  });
});

describe("ids", () => {
  it("consist of the repository and the first tag", () => {
    expect(formatId(identity("ghcr.io/a", "3.13_custom", "latest"))).to.equal("ghcr.io/a:3.13_custom");
    expect(formatId(identity("oci:./x", "1"))).to.equal("oci:./x:1");
    const tags = [
      { tag: "a", property: "suffix" },
      { tag: "b", property: "additionalTags[0]" },
    ] as const;
    const spec = { base: undefined, destination: parseRepository("ghcr.io/a"), tags: [...tags] as const, inputs: {} };
    expect(identityOf({ ...spec, tags })).to.deep.equal(identity("ghcr.io/a", "a", "b"));
  });
});

describe("notices of several platforms", () => {
  const notice = (message: string, path?: string): Notice => ({ kind: "world", message, ...(path === undefined ? {} : { path }) });
  const merge = (...platforms: readonly (readonly Notice[])[]) =>
    mergeNotices(new Map(platforms.map((notices, at) => [`p${at}`, notices])));

  it("are merged without a platform when all platforms have them", () => {
    expect(merge([notice("a"), notice("b", "/b")], [notice("b", "/b"), notice("a")])).to.deep.equal([notice("a"), notice("b", "/b")]);
    expect(merge([notice("a")])).to.deep.equal([notice("a")]);
  });

  it("keep their platform when only some platforms have them", () => {
    expect(merge([notice("a")], [], [notice("a")])).to.deep.equal([
      { ...notice("a"), platform: "p0" },
      { ...notice("a"), platform: "p2" },
    ]);
  });

  it("are merged with their platform when one platform has them twice", () => {
    expect(merge([notice("a"), notice("a")], [])).to.deep.equal([{ ...notice("a"), platform: "p0" }]);
    expect(merge([notice("a"), notice("a")], [notice("a")])).to.deep.equal([notice("a")]);
  });

  it("are also distinguished by kind and path", () => {
    expect(merge([notice("a", "/1"), notice("a", "/2"), { ...notice("a"), kind: "upgraded" }]).length).to.equal(3);
    expect(merge()).to.deep.equal([]);
  });
});

describe("reasons", () => {
  const resolution: Resolution = {
    layoutVersion: 1,
    base: { tag: "3.13", digest: digest("a") },
    artifacts: { "ghcr.io/t:1": digest("b") },
    files: { "./f": digest("c") },
    packages: {},
  };
  const explain = (before: Partial<Resolution>, old: ValueMap = {}, inputs: ValueMap = {}) =>
    explainChange({ inputs: old, resolution: { ...resolution, ...before } }, inputs, resolution);

  it("name a new image", () => {
    expect(explainChange(undefined, {}, resolution)).to.deep.equal(["new image"]);
    expect(explainChange({ inputs: {}, resolution: undefined }, {}, resolution)).to.deep.equal(["new image"]);
  });

  it("name everything that can change", () => {
    expect(explain({})).to.deep.equal([]);
    expect(explain({ base: { tag: "3.13", digest: digest("d") } })).to.deep.equal(["base 3.13: sha256:dddddddddddd → sha256:aaaaaaaaaaaa"]);
    expect(explain({ artifacts: { "ghcr.io/t:1": digest("e") } })).to.deep.equal([
      "artifact ghcr.io/t:1: sha256:eeeeeeeeeeee → sha256:bbbbbbbbbbbb",
    ]);
    expect(explain({ files: { "./f": digest("e") } })).to.deep.equal(["source ./f: sha256:eeeeeeeeeeee → sha256:cccccccccccc"]);
    expect(explain({ layoutVersion: 0 })).to.deep.equal(["layoutVersion: 0 → 1"]);
  });

  it("name the paths of inputs and never their values", () => {
    const old = { environment: { TOKEN: "hunter2", KEPT: "1" }, cmd: ["a"] };
    const now = { environment: { TOKEN: "hunter3", KEPT: "1" }, labels: { "a.b/c": "d" }, cmd: ["a"] };
    expect(explain({}, old, now)).to.deep.equal(["environment.TOKEN changed", "labels changed"]);
  });

  it("do not repeat added and removed names, which show up as changed inputs", () => {
    expect(explain({ artifacts: {}, files: { other: digest("e") } })).to.deep.equal([]);
  });
});

describe("resolutions in state", () => {
  const whole: Resolution = {
    layoutVersion: 3,
    base: { tag: "1", digest: digest("a") },
    artifacts: { x: digest("b") },
    files: { y: digest("c") },
    packages: {},
  };

  it("are parsed as they were written", () => {
    expect(parseResolution(resolutionValue(whole))).to.deep.equal(whole);
    const { base: _, ...without } = whole;
    expect(parseResolution(resolutionValue(without))).to.deep.equal(without);
  });

  it("lose invalid entries, or are ignored when they are invalid as a whole", () => {
    const none: readonly (Value | undefined)[] = [
      undefined,
      null,
      "x",
      unknown,
      [],
      {},
      { layoutVersion: "1" },
      { layoutVersion: unknown },
    ];
    for (const value of none) expect(parseResolution(value)).to.equal(undefined);
    const odd: Value = {
      layoutVersion: 1,
      base: { tag: "1", digest: unknown },
      artifacts: { a: "latest", b: digest("b") },
      files: unknown,
    };
    expect(parseResolution(odd)).to.deep.equal({ layoutVersion: 1, artifacts: { b: digest("b") }, files: {}, packages: {} });
  });
});

describe("drift", () => {
  const [ours, other, next] = [digest("a"), digest("b"), digest("c")];
  const olds = { tags: { t: ours, u: ours } };
  const at = (states: Readonly<Record<string, TagState>>) => new Map(Object.entries(states));
  const moved: TagState = { is: "foreign", digest: other };
  const right: TagState = { is: "ours", digest: ours };

  it("includes the tags that no longer point at the digest in state", () => {
    expect(findDrift(olds, ours, ours, at({ t: right, u: right }))).to.deep.equal({});
    expect(findDrift(olds, ours, ours, at({ t: moved, u: right }))).to.deep.equal({ drift: { t: other } });
    expect(findDrift(olds, ours, ours, at({ t: { is: "absent" }, u: moved }))).to.deep.equal({ drift: { t: "missing", u: other } });
  });

  it("does not include tags that point at the wanted digest, that are new, or whose state differs already", () => {
    expect(findDrift(olds, ours, next, at({ t: { is: "ours", digest: next }, u: right }))).to.deep.equal({});
    expect(findDrift(olds, ours, ours, at({ new: moved }))).to.deep.equal({});
    expect(findDrift({ tags: { t: other } }, ours, ours, at({ t: moved }))).to.deep.equal({});
    expect(findDrift({}, ours, ours, at({ t: moved }))).to.deep.equal({});
    expect(findDrift({ tags: unknown }, ours, ours, at({ t: moved }))).to.deep.equal({});
  });

  it("is marked when it is repeated, so that it is a change", () => {
    const first = findDrift(olds, ours, ours, at({ t: moved }));
    const again = findDrift({ ...olds, ...first }, ours, ours, at({ t: moved }));
    expect(again).to.deep.equal({ drift: { t: `${other} (again)` } });
    expect(findDrift({ ...olds, ...again }, ours, ours, at({ t: moved }))).to.deep.equal(first);
  });
});

describe("foreign tags", () => {
  const spec = {
    base: undefined,
    destination: parseReference("ghcr.io/a").repository,
    tags: [
      { tag: "t", property: "suffix" },
      { tag: "u", property: "additionalTags[0]" },
    ] as const,
    inputs: {},
  };
  const states = new Map<string, TagState>([
    ["t", { is: "absent" }],
    ["u", { is: "foreign", digest: digest("b") }],
  ]);

  it("are errors with tag, digest and property", () => {
    const errors = foreignTags(spec, states, digest("a"));
    expect(errors.map((error) => error.describe())).to.deep.equal([
      `additionalTags[0]: the tag u in ghcr.io/a points at ${digest("b")}, which this stack did not publish. Choose another tag, or set overwrite: true to replace it. Only state shows who owns an image from scratch: see adopting in docs/operations.md`,
    ]);
    expect(errors[0]?.code).to.equal("conflict");
  });

  it("are accepted with overwrite, or when they already point at the wanted digest", () => {
    expect(foreignTags({ ...spec, inputs: { overwrite: true } }, states, undefined)).to.deep.equal([]);
    expect(foreignTags(spec, states, digest("b"))).to.deep.equal([]);
    expect(foreignTags({ ...spec, inputs: { overwrite: false } }, states, undefined).length).to.equal(1);
    expect(foreignTags(spec, new Map([["u", { is: "ours", digest: digest("b") }]]), undefined)).to.deep.equal([]);
  });
});
