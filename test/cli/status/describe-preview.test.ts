import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import { describe, it } from "mocha";
import { describePreview } from "../../../cli/status/stack-status.js";
import type { StackImage } from "../../../cli/status/stack-image.js";
import { expect, expectThat } from "../../support/expectations.js";

type Properties = Readonly<Record<string, unknown>>;

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const [one, two, three] = [digest("1"), digest("2"), digest("3")];
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function urnOf(name: string, type = "Customization"): string {
  return `urn:pulumi:dev::acme::pulumi-nodejs:dynamic/dhi:${type}::${name}`;
}

/** A step as the engine's events have it. `old`, `now`: inputs, and outputs of state. */
function step(op: string, old: Properties | undefined, now: Properties | undefined, more: Properties = {}): StepEventMetadata {
  const { name = "python", type = "Customization", ...rest } = more as { name?: string; type?: string };
  const state = (properties: Properties | undefined): object | undefined =>
    properties === undefined ? undefined : { id: `reg/${name}:1_x`, inputs: properties, outputs: properties };
  const metadata = { op, urn: urnOf(name, type), type: `pulumi-nodejs:dynamic/dhi:${type}`, old: state(old), new: state(now), ...rest };
  return metadata as unknown as StepEventMetadata;
}

function image(base: string, made: string, more: Properties = {}): Properties {
  const resolution = { layoutVersion: 1, base: { tag: "1", digest: base }, artifacts: {}, files: {}, packages: {} };
  const names = { digest: made, tags: { "1_x": made }, base: { ref: `reg/base@${base}`, tag: "1", digest: base } };
  return { repository: "reg/base", version: "1", suffix: "x", ...names, resolution, reasons: ["new image"], ...more };
}

function only(...steps: StepEventMetadata[]): StackImage {
  const { images } = describePreview({ stack: "dev", steps, warnings: new Map() });
  const [first, ...others] = images;
  expect(others).to.deep.equal([]);
  expectThat(first !== undefined);
  return first;
}

describe("the status of an image in a preview", () => {
  const old = image(one, two);
  const packages = (versions: Properties, others: Properties = versions): Properties => ({
    resolution: { ...(old["resolution"] as object), packages: { "linux/amd64": versions, "linux/arm64": others } },
  });

  const table: readonly (readonly [string, StepEventMetadata, Partial<StackImage>])[] = [
    ["is unchanged", step("same", old, old), { status: "current", reasons: [], digest: { old: two, new: two }, tags: [] }],
    ["is not published yet", step("create", undefined, old), { status: "new", reasons: ["new image"], digest: { new: two } }],
    [
      "is no longer declared",
      step("delete", old, undefined),
      { status: "removed", reasons: ["the program no longer declares it"], digest: { old: two }, tags: [{ name: "1_x", old: two }] },
    ],
    [
      "has a base that moved",
      step("update", old, image(three, one, { reasons: ["the base 1 moved"] })),
      {
        status: "stale",
        reasons: ["the base 1 moved"],
        digest: { old: two, new: one },
        base: { old: { tag: "1", digest: one }, new: { tag: "1", digest: three } },
        tags: [{ name: "1_x", old: two, new: one }],
      },
    ],
    [
      "has a tag that somebody moved or removed",
      step("update", old, { ...old, drift: { "1_x": `${three} (again)`, latest: "missing" } }),
      { status: "stale", reasons: ["somebody moved the tag 1_x to sha256:333333333333", "the tag latest is gone"] },
    ],
    [
      "gets another tag, and loses one",
      step("update", { ...old, tags: { "1_x": two, a: two } }, { ...old, tags: { "1_x": two, b: two } }),
      { status: "stale", reasons: ["the tag a goes", "the tag b is added"] },
    ],
    [
      "has a tag that a refresh found elsewhere",
      step("update", { ...old, tags: { "1_x": three } }, old),
      { status: "stale", reasons: ["the tag 1_x points at sha256:333333333333"] },
    ],
    [
      "was left unfinished",
      step("update", { ...old, unfinished: { "1_x": one } }, old),
      { status: "stale", reasons: ["the last update did not move the tag 1_x"] },
    ],
    [
      "has inputs that are now secret",
      step("update", old, { ...old, reasons: ["environment.A is marked as a secret"] }),
      { status: "stale", reasons: ["environment.A is marked as a secret"] },
    ],
    [
      "changes only in an input that does not change its bytes",
      step("update", old, { ...old, overwrite: true }),
      { status: "stale", reasons: ["overwrite changed"] },
    ],
    [
      "changes in a secret, which is not compared",
      step("update", { ...old, labels: "[secret]" }, { ...old, labels: "[secret]" }, { diffs: ["labels", "__layers"] }),
      { status: "stale", reasons: ["labels changed"] },
    ],
    [
      "is published elsewhere",
      step("replace", old, image(one, two, { suffix: "y", tags: { "1_y": two } })),
      {
        status: "stale",
        reasons: ["the tag 1_x goes", "the tag 1_y is added"],
        tags: [
          { name: "1_x", old: two },
          { name: "1_y", new: two },
        ],
      },
    ],
    [
      "depends on what is not known yet",
      step("update", old, { repository: "reg/base", version: unknown, digest: unknown, tags: unknown, resolution: unknown }),
      { status: "unknown", reasons: ["it depends on what is known only after up"], digest: { old: two }, tags: [], packages: [] },
    ],
    [
      "cannot be built, and the program defers failures",
      step("update", old, { ...old, failure: "a\nb" }),
      { status: "failed", reasons: ["a", "b"], digest: { old: two, new: two } },
    ],
    [
      "has packages that move, come in and go",
      step("update", image(one, two, packages({ a: "1", b: "1", c: "1" })), image(one, three, packages({ a: "2", b: "1", d: "1" }))),
      {
        packages: [
          { name: "a", old: "1", new: "2", platforms: ["linux/amd64", "linux/arm64"] },
          { name: "c", old: "1", platforms: ["linux/amd64", "linux/arm64"] },
          { name: "d", new: "1", platforms: ["linux/amd64", "linux/arm64"] },
        ],
      },
    ],
    [
      "has a package that moves on one platform alone",
      step("update", image(one, two, packages({ a: "1" })), image(one, three, packages({ a: "1" }, { a: "2" }))),
      { packages: [{ name: "a", old: "1", new: "2", platforms: ["linux/arm64"] }] },
    ],
    [
      "has secret outputs, which are left out",
      step("update", old, { ...old, digest: "[secret]", tags: "[secret]", base: "[secret]", reasons: "[secret]" }),
      { status: "stale", digest: { old: two }, base: { old: { tag: "1", digest: one } } },
    ],
    [
      "is a mirror with a tag that moved",
      step("update", { images: { a: one } }, { images: { a: two }, reasons: ["a: x → y"], drift: { a: one } }, { type: "Mirror" }),
      { type: "Mirror", status: "stale", reasons: ["a: x → y"], digest: {}, tags: [{ name: "a", old: one, new: two }] },
    ],
    [
      "is a mirror whose images stay, with another input",
      step("update", { images: {}, deleteImages: false }, { images: {}, reasons: [], deleteImages: true }, { type: "Mirror" }),
      { status: "stale", reasons: ["deleteImages changed"] },
    ],
  ];
  for (const [what, planned, expected] of table) {
    it(`says that it ${what}`, () => {
      const found = only(planned);
      expect(Object.fromEntries(Object.keys(expected).map((name) => [name, found[name as keyof StackImage]]))).to.deep.equal(expected);
    });
  }

  it("takes of a replacement the step that has both sides", () => {
    const next = image(one, two, { suffix: "y", tags: { "1_y": two } });
    for (const ops of [
      ["create-replacement", "replace", "delete-replaced"],
      ["delete-replaced", "replace", "create-replacement"],
    ]) {
      const found = only(...ops.map((op) => step(op, old, next)));
      expect([found.status, found.tags]).to.deep.equal(["stale", [{ name: "1_x", old: two }, { name: "1_y", new: two }]]); // prettier-ignore
    }
  });

  it("names stack and project, and sorts images by name; resources of others and images that are only read are left out", () => {
    const stack = { op: "same", urn: "urn:pulumi:dev::acme::pulumi:pulumi:Stack::acme-dev", type: "pulumi:pulumi:Stack" };
    const other = { ...stack, urn: "urn:pulumi:dev::acme::aws:s3/bucket:Bucket::b", type: "aws:s3/bucket:Bucket" };
    const warnings = new Map([[urnOf("a::b"), ["the tags could not be checked"]]]);
    const found = describePreview({
      stack: "org/acme/dev",
      steps: [
        ...([stack, other] as unknown as StepEventMetadata[]),
        step("same", old, old, { name: "z" }),
        step("same", old, old, { name: "a::b" }),
        step("read", undefined, old, { name: "got" }),
        step("refresh", old, old, { name: "z" }),
      ],
      warnings,
    });
    expect([found.project, found.stack]).to.deep.equal(["acme", "dev"]);
    expect(found.images.map(({ name, warnings: lines }) => [name, lines])).to.deep.equal([
      ["a::b", ["the tags could not be checked"]],
      ["z", []],
    ]);
  });
});
