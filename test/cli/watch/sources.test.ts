import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { isConcerned, readSources, unknownSources } from "../../../cli/watch/sources.js";
import { packageFolder } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";

const digest = `sha256:${"a1".repeat(32)}`;
const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" };
type Fields = Readonly<Record<string, unknown>>;
const resource = (kind: string, inputs: Fields, outputs: Fields = {}, more: Fields = {}) => ({
  type: `pulumi-nodejs:dynamic/dhi:${kind}`,
  urn: "urn",
  inputs,
  outputs,
  ...more,
});
const customization = (inputs: Fields, outputs: Fields = {}) =>
  resource(
    "Customization",
    { repository: "r.example/acme/base", version: "3.13", ...inputs },
    { ref: `r.example/acme/base@${digest}`, tags: { "3.13_custom": digest }, resolution: { artifacts: {} }, ...outputs },
  );
const read = (...resources: readonly unknown[]) => readSources({ resources });
const push = (repository: string, tag: string, host = "r.example") => ({ host, repository, tag });

describe("what a stack is made of", () => {
  it("is the tag of the base, artifacts by tag, and the sources of mirrors", () => {
    const stack = read(
      { type: "pulumi:pulumi:Stack", urn: "urn", outputs: {} },
      customization({}, { resolution: { artifacts: { "r.example/acme/tools:1": digest, [`r.example/acme/pinned:1@${digest}`]: digest } } }),
      customization({ version: { range: "^3.13" }, repository: "r.example/acme/ranged" }),
      customization({ suffixAllTags: true, repository: "r.example/acme/every" }),
      customization({ version: `3.13@${digest}`, repository: "r.example/acme/held" }),
      customization({ repository: "oci:./layout" }),
      resource(
        "OciArtifact",
        { repository: "r.example/acme/own", tag: "1" },
        { resolution: { artifacts: {} }, tags: { 1: digest }, ref: `r.example/acme/own@${digest}` },
      ),
      resource(
        "Mirror",
        {
          source: "dhi.io/python",
          destination: "r.example/acme/dhi-python",
          referrers: { source: "registry.scout.docker.com/docker/dhi" },
        },
        { images: { "3.13": digest } },
      ),
    );
    expect(stack.sources).to.deep.equal([
      { repository: "acme/base", tag: "3.13" },
      { repository: "acme/tools", tag: "1" },
      { repository: "acme/ranged", tag: undefined },
      { repository: "acme/every", tag: undefined },
      { repository: "python", tag: undefined },
      { repository: "docker/dhi", tag: undefined },
    ]);
    expect([...stack.published]).to.deep.equal([
      "r.example/acme/base:3.13_custom",
      "r.example/acme/own:1",
      "r.example/acme/dhi-python:3.13",
    ]);
    expect(stack.incomplete).to.equal(false);
  });

  const incomplete: readonly (readonly [string, unknown])[] = [
    ["an export without resources", {}],
    ["no export", undefined],
    ["nothing of ours", { resources: [{ type: "random:index:x", inputs: {} }] }],
    ["a resource that was never published", { resources: [resource("Customization", { repository: "a/b", version: "1" })] }],
    ["a secret repository", { resources: [customization({ repository: secret })] }],
    ["a secret source of a mirror", { resources: [resource("Mirror", { source: secret, destination: "a/b" })] }],
    ["only a resource that is replaced", { resources: [{ ...customization({}), delete: true }] }],
  ];
  for (const [name, exported] of incomplete) {
    it(`is not known for ${name}, so that any push concerns it`, () => {
      const stack = readSources(exported);
      expect(stack.incomplete).to.equal(true);
      expect(isConcerned(stack, push("any/thing", "1"), [stack])).to.equal(true);
    });
  }

  it("is read from the state of an earlier release", () => {
    const file = join(packageFolder, "test", "engine", "fixtures", "state-0.1.0.json");
    const { deployment } = JSON.parse(readFileSync(file, "utf8")) as { readonly deployment: unknown };
    // Its images are in layout folders.
    expect(readSources(deployment)).to.deep.equal({ sources: [], published: new Set(), incomplete: false });
  });
});

describe("a push concerns a stack", () => {
  const fixed = read(customization({}));
  const kept = `3.13_custom-${"a1".repeat(6)}`;
  const ranged = read(customization({ version: { range: "^3.13" } }, { __history: [{ digest, tag: kept }, { digest }, "broken"] }));
  const next = read(customization({ version: "3.13_custom" }, { tags: { "3.13_custom_next": digest } }));
  const cases: readonly (readonly [string, boolean, typeof fixed, ReturnType<typeof push>])[] = [
    ["whose base it is", true, fixed, push("acme/base", "3.13")],
    ["whose base it is, whatever the registry calls itself", true, fixed, push("acme/base", "3.13", "10.0.0.1:5000")],
    ["with another tag of the base's repository", false, fixed, push("acme/base", "3.12")],
    ["with another repository", false, fixed, push("acme/other", "3.13")],
    ["whose range it may lie in", true, ranged, push("acme/base", "3.14")],
    ["which made it", false, ranged, push("acme/base", "3.13_custom")],
    ["which made it, under the tag that keeps the image", false, ranged, push("acme/base", kept)],
    ["which another stack made", false, ranged, push("acme/base", "3.13_custom_next")],
    ["with a tag of that name in another registry", true, ranged, push("acme/base", "3.13_custom", "other.example")],
    ["whose base another stack makes", true, next, push("acme/base", "3.13_custom")],
    ["of which nothing is known", true, unknownSources, push("x/y", "1")],
    ["of which nothing is known, but another stack made it", false, unknownSources, push("acme/base", "3.13_custom")],
  ];
  for (const [name, concerned, stack, pushed] of cases) {
    it(`${name}: ${concerned ? "yes" : "no"}`, () => expect(isConcerned(stack, pushed, [stack, fixed, next])).to.equal(concerned));
  }
});
