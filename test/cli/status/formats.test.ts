import { describe, it } from "mocha";
import { formatMarkdown } from "../../../cli/status/format-markdown.js";
import { formatText } from "../../../cli/status/format-text.js";
import { areCurrent, type StackImage } from "../../../cli/status/stack-image.js";
import { expect } from "../../support/expectations.js";

const [one, two] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

function image(more: Partial<StackImage>): StackImage {
  const urn = "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/dhi:Customization::python";
  const nothing = { reasons: [], base: {}, tags: [], artifacts: [], packages: [], warnings: [] };
  return { name: "python", urn, type: "Customization", id: "reg/python:3_x", status: "current", digest: { old: one, new: one }, ...nothing, ...more };
} // prettier-ignore

const current = image({ name: "tools", type: "OciArtifact", warnings: ["the tags could not be checked: reg answered 503"] });
const stale = image({
  status: "stale",
  digest: { old: one, new: two },
  reasons: ["base 3: a → b", "libssl3: 1 → 2"],
  packages: [
    { name: "libssl3", old: "1", new: "2", platforms: ["linux/amd64", "linux/arm64"] },
    { name: "zlib1g", new: "1", platforms: ["linux/amd64"] },
  ],
});
const hostile = image({ name: "x\u001b[31m|`@all`", status: "new", digest: {}, reasons: ["a\n\u202eb"] });

describe("the status of a stack", () => {
  const stack = { project: "acme", stack: "dev" };

  it("is a table with reasons and warnings below the images", () => {
    expect(formatText({ ...stack, images: [stale, current] }).split("\n")).to.deep.equal([
      "image   type           status   digest",
      "python  Customization  stale    sha256:111111111111 → sha256:222222222222",
      "  base 3: a → b",
      "  libssl3: 1 → 2",
      "tools   OciArtifact    current  sha256:111111111111",
      "  warning: the tags could not be checked: reg answered 503",
      "",
      "acme/dev: 1 stale, 1 current",
      "",
    ]);
  });

  it("is safe for a terminal", () => {
    expect(formatText({ ...stack, images: [hostile] }).split("\n").slice(1, 3)).to.deep.equal([
      "x\\x1b[31m|`@all`  Customization  new",
      "  a \\u{202e}b",
    ]); // prettier-ignore
  });

  it("is said in words where there are no images", () => {
    expect(formatText({ ...stack, images: [] })).to.equal("acme/dev has no images of pulumi-dhi\n");
    expect(formatMarkdown({ ...stack, images: [] })).to.equal("<!-- pulumi-dhi status -->\n### Images of `acme/dev`: none\n");
  });

  it("is Markdown, with a table of the packages that move", () => {
    expect(formatMarkdown({ ...stack, images: [stale, current] }).split("\n")).to.deep.equal([
      "<!-- pulumi-dhi status -->",
      "### Images of `acme/dev`: 1 stale, 1 current",
      "",
      "| image | status | from | to |",
      "| --- | --- | --- | --- |",
      "| `python` | stale | `sha256:111111111111` | `sha256:222222222222` |",
      "",
      "#### `python`",
      "",
      "`reg/python:3_x`",
      "",
      "- `base 3: a → b`",
      "- `libssl3: 1 → 2`",
      "",
      "| package | from | to | platforms |",
      "| --- | --- | --- | --- |",
      "| `libssl3` | `1` | `2` | `linux/amd64`, `linux/arm64` |",
      "| `zlib1g` |  | `1` | `linux/amd64` |",
      "",
      "#### `tools`",
      "",
      "`reg/python:3_x`",
      "",
      "- warning: `the tags could not be checked: reg answered 503`",
      "",
    ]);
  });

  it("is one short line of Markdown where everything is current", () => {
    expect(formatMarkdown({ ...stack, images: [image({})] })).to.equal("<!-- pulumi-dhi status -->\n### Images of `acme/dev`: 1 current\n");
  });

  it("quotes names in Markdown, so that they mean nothing in it", () => {
    expect(formatMarkdown({ ...stack, images: [hostile] }).split("\n")[5]).to.equal("| `` x\\x1b[31m\\|`@all` `` | new |  |  |");
  });

  it("is current only if up would change nothing", () => {
    expect(areCurrent([image({})])).to.equal(true);
    for (const status of ["stale", "new", "removed", "unknown", "failed"] as const)
      expect(areCurrent([image({}), image({ status })])).to.equal(false);
  });
});
