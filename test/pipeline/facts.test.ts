import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { formatRepository, parseReference, parseRepository } from "../../provider/image/reference.js";
import { Claims } from "../../provider/pipeline/tags/claims.js";
import { findDrift } from "../../provider/pipeline/tags/drift.js";
import { mergeNotices, type Notice } from "../../provider/pipeline/notice.js";
import { explainChange } from "../../provider/pipeline/resolve/reasons.js";
import { parseResolution, resolutionValue, type Resolution } from "../../provider/pipeline/state/resolution.js";
import { formatId, identityOf, type Identity } from "../../provider/pipeline/spec/image-spec.js";
import { foreignTags, type TagState } from "../../provider/pipeline/tags/states.js";
import { unknown, type Value, type ValueMap } from "../../provider/values.js";

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const;
const identity = (repository: string, ...tags: string[]): Identity => ({ destination: parseRepository(repository), tags });

describe("claims", () => {
  it("give a tag to one holder, and again to the same", () => {
    const claims = new Claims(formatRepository);
    assert.deepEqual(claims.claim(identity("ghcr.io/a", "1", "2"), "one"), []);
    assert.deepEqual(claims.claim(identity("ghcr.io/a", "1", "2"), "one"), []);
    assert.deepEqual(claims.claim(identity("ghcr.io/a", "3", "2"), "two"), ["2"]);
    assert.deepEqual(claims.claim(identity("ghcr.io/b", "1"), "two"), []);
  });

  it("hold the free tags of a resource that does not get all, so that these survive the deletion of another", () => {
    const claims = new Claims(formatRepository);
    claims.claim(identity("ghcr.io/a", "2"), "one");
    claims.claim(identity("ghcr.io/a", "1", "2"), "two");
    assert.equal(claims.isClaimed(identity("ghcr.io/a"), "1"), true);
    assert.equal(claims.isClaimed(identity("ghcr.io/a"), "2"), true);
    assert.deepEqual(claims.claim(identity("ghcr.io/a", "1"), "three"), ["1"]);
  });

  it("know a repository by its key, however it is spelled", () => {
    const claims = new Claims((repository) => formatRepository(repository).replace("./", ""));
    claims.claim(identity("oci:./images", "1"), "one");
    assert.deepEqual(claims.claim(identity("oci:images", "1"), "two"), ["1"]);
    assert.equal(claims.isClaimed(identity("oci:images"), "1"), true);
  });
});

describe("ids", () => {
  it("are repository and first tag", () => {
    assert.equal(formatId(identity("ghcr.io/a", "3.13_custom", "latest")), "ghcr.io/a:3.13_custom");
    assert.equal(formatId(identity("oci:./x", "1")), "oci:./x:1");
    const tags = [
      { tag: "a", property: "suffix" },
      { tag: "b", property: "additionalTags[0]" },
    ] as const;
    const spec = { base: undefined, destination: parseRepository("ghcr.io/a"), tags: [...tags] as const, inputs: {} };
    assert.deepEqual(identityOf({ ...spec, tags }), identity("ghcr.io/a", "a", "b"));
  });
});

describe("notices of several platforms", () => {
  const notice = (message: string, path?: string): Notice => ({ kind: "world", message, ...(path === undefined ? {} : { path }) });
  const merge = (...platforms: readonly (readonly Notice[])[]) =>
    mergeNotices(new Map(platforms.map((notices, at) => [`p${at}`, notices])));

  it("that all have are one, without a platform", () => {
    assert.deepEqual(merge([notice("a"), notice("b", "/b")], [notice("b", "/b"), notice("a")]), [notice("a"), notice("b", "/b")]);
    assert.deepEqual(merge([notice("a")]), [notice("a")]);
  });

  it("that some have say whose they are", () => {
    assert.deepEqual(merge([notice("a")], [], [notice("a")]), [
      { ...notice("a"), platform: "p0" },
      { ...notice("a"), platform: "p2" },
    ]);
  });

  it("that one has twice are one, and not everybody's", () => {
    assert.deepEqual(merge([notice("a"), notice("a")], []), [{ ...notice("a"), platform: "p0" }]);
    assert.deepEqual(merge([notice("a"), notice("a")], [notice("a")]), [notice("a")]);
  });

  it("differ by kind and path too", () => {
    assert.equal(merge([notice("a", "/1"), notice("a", "/2"), { ...notice("a"), kind: "upgraded" }]).length, 3);
    assert.deepEqual(merge(), []);
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

  it("of a new image", () => {
    assert.deepEqual(explainChange(undefined, {}, resolution), ["new image"]);
    assert.deepEqual(explainChange({ inputs: {}, resolution: undefined }, {}, resolution), ["new image"]);
  });

  it("of each thing that may change", () => {
    assert.deepEqual(explain({}), []);
    assert.deepEqual(explain({ base: { tag: "3.13", digest: digest("d") } }), [
      "the base 3.13 moved from sha256:dddddddddddd to sha256:aaaaaaaaaaaa",
    ]);
    assert.deepEqual(explain({ artifacts: { "ghcr.io/t:1": digest("e") } }), [
      "the artifact ghcr.io/t:1 changed from sha256:eeeeeeeeeeee to sha256:bbbbbbbbbbbb",
    ]);
    assert.deepEqual(explain({ files: { "./f": digest("e") } }), [
      "the source ./f changed from sha256:eeeeeeeeeeee to sha256:cccccccccccc",
    ]);
    assert.deepEqual(explain({ layoutVersion: 0 }), ["this release lays layers out differently"]);
  });

  it("of inputs name paths, and never values", () => {
    const old = { environment: { TOKEN: "hunter2", KEPT: "1" }, cmd: ["a"] };
    const now = { environment: { TOKEN: "hunter3", KEPT: "1" }, labels: { "a.b/c": "d" }, cmd: ["a"] };
    assert.deepEqual(explain({}, old, now), ["environment.TOKEN changed", "labels changed"]);
  });

  it("leave what is new or gone to the inputs", () => {
    assert.deepEqual(explain({ artifacts: {}, files: { other: digest("e") } }), []);
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

  it("are read as they were written", () => {
    assert.deepEqual(parseResolution(resolutionValue(whole)), whole);
    const { base: _, ...without } = whole;
    assert.deepEqual(parseResolution(resolutionValue(without)), without);
  });

  it("are none, or less, when they are odd", () => {
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
    for (const value of none) assert.equal(parseResolution(value), undefined);
    const odd: Value = {
      layoutVersion: 1,
      base: { tag: "1", digest: unknown },
      artifacts: { a: "latest", b: digest("b") },
      files: unknown,
    };
    assert.deepEqual(parseResolution(odd), { layoutVersion: 1, artifacts: { b: digest("b") }, files: {}, packages: {} });
  });
});

describe("drift", () => {
  const [ours, other, next] = [digest("a"), digest("b"), digest("c")];
  const olds = { tags: { t: ours, u: ours } };
  const at = (states: Readonly<Record<string, TagState>>) => new Map(Object.entries(states));
  const moved: TagState = { is: "foreign", digest: other };
  const right: TagState = { is: "ours", digest: ours };

  it("is what state believes right and is not", () => {
    assert.deepEqual(findDrift(olds, ours, ours, at({ t: right, u: right })), {});
    assert.deepEqual(findDrift(olds, ours, ours, at({ t: moved, u: right })), { drift: { t: other } });
    assert.deepEqual(findDrift(olds, ours, ours, at({ t: { is: "absent" }, u: moved })), { drift: { t: "missing", u: other } });
  });

  it("is none where the tag has what is wanted now, is new, or is known to be wrong", () => {
    assert.deepEqual(findDrift(olds, ours, next, at({ t: { is: "ours", digest: next }, u: right })), {});
    assert.deepEqual(findDrift(olds, ours, ours, at({ new: moved })), {});
    assert.deepEqual(findDrift({ tags: { t: other } }, ours, ours, at({ t: moved })), {});
    assert.deepEqual(findDrift({}, ours, ours, at({ t: moved })), {});
    assert.deepEqual(findDrift({ tags: unknown }, ours, ours, at({ t: moved })), {});
  });

  it("of the same kind again is told in other words, so that it is a change", () => {
    const first = findDrift(olds, ours, ours, at({ t: moved }));
    const again = findDrift({ ...olds, ...first }, ours, ours, at({ t: moved }));
    assert.deepEqual(again, { drift: { t: `${other} (again)` } });
    assert.deepEqual(findDrift({ ...olds, ...again }, ours, ours, at({ t: moved })), first);
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
    assert.deepEqual(
      errors.map((error) => error.describe()),
      [
        `additionalTags[0]: the tag u in ghcr.io/a points at ${digest("b")}, which is not ours. Choose another tag, or set overwrite: true to take it over. Only state tells whose an image from scratch is: see adopting in docs/operations.md`,
      ],
    );
    assert.equal(errors[0]?.code, "conflict");
  });

  it("are none with overwrite, or where the digest is the wanted one", () => {
    assert.deepEqual(foreignTags({ ...spec, inputs: { overwrite: true } }, states, undefined), []);
    assert.deepEqual(foreignTags(spec, states, digest("b")), []);
    assert.equal(foreignTags({ ...spec, inputs: { overwrite: false } }, states, undefined).length, 1);
    assert.deepEqual(foreignTags(spec, new Map([["u", { is: "ours", digest: digest("b") }]]), undefined), []);
  });
});
