import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import type { z } from "zod";
import * as schema from "../../provider/resources/schema.js";

const digest = `sha256:${"a".repeat(64)}`;

/** What a schema makes of values, and what it says of others. */
function table(
  what: string,
  of: z.ZodType,
  accepted: readonly (readonly [unknown, unknown])[],
  refused: readonly (readonly [unknown, RegExp])[],
): void {
  describe(what, () => {
    for (const [value, expected] of accepted) {
      it(`takes ${JSON.stringify(value)}`, () => {
        const result = of.safeParse(value);
        assert.deepEqual(result.error?.issues, undefined);
        assert.deepEqual(result.data, expected);
      });
    }
    for (const [value, message] of refused) {
      it(`refuses ${(value === undefined ? "nothing" : JSON.stringify(value)).slice(0, 60)}`, () => {
        const result = of.safeParse(value);
        assert.equal(result.success, false);
        const [issue] = result.error.issues;
        assert.match(issue?.message ?? "", message);
      });
    }
  });
}

table(
  "repository",
  schema.repository,
  [
    ["ghcr.io/a/b", { repository: { kind: "registry", host: "ghcr.io", name: "a/b" }, text: "ghcr.io/a/b" }],
    ["oci:./x", { repository: { kind: "layout", path: "./x" }, text: "oci:./x" }],
  ],
  [
    [undefined, /^is missing\. Give a repository: registry\/name, or oci:path$/],
    [7, /^7 is no string\. Give a repository/],
    ["ghcr.io/a:1", /has a tag or digest where only a repository belongs\. Leave out/],
    ["A b", /"A b" is no repository\. Repository names are lower case/],
  ],
);

table(
  "imageReference",
  schema.imageReference,
  [
    [
      `ghcr.io/a:1@${digest}`,
      { reference: { repository: { kind: "registry", host: "ghcr.io", name: "a" }, tag: "1", digest }, text: `ghcr.io/a:1@${digest}` },
    ],
    ["oci:x:1", { reference: { repository: { kind: "layout", path: "x" }, tag: "1" }, text: "oci:x:1" }],
  ],
  [
    ["ghcr.io/a", /"ghcr.io\/a" has neither tag nor digest\. Write name:tag/],
    ["ghcr.io/a@sha256:1", /which is no digest\. A digest is/],
    [null, /an object or list is no string/],
  ],
);

table(
  "tag",
  schema.tag,
  [
    ["3.13", "3.13"],
    ["_x", "_x"],
  ],
  [
    ["", /"" is no tag\. A tag has/],
    ["a b", /"a b" is no tag/],
    ["x".repeat(300), /^a text of 302 characters is no tag/],
    [undefined, /is missing\. Give a tag/],
  ],
);

table(
  "platform",
  schema.platform,
  [
    ["linux/amd64", "linux/amd64"],
    ["linux/arm64/v8", "linux/arm64"],
  ],
  [
    ["amd64", /"amd64" is no platform\. Write os\/architecture, such as linux\/arm64/],
    ["linux/AMD64", /is no platform/],
    [["linux/amd64"], /an object or list is no string/],
  ],
);

table(
  "imagePath",
  schema.imagePath,
  [
    ["/", ""],
    ["/usr//bin/./x/", "usr/bin/x"],
    ["/ü", "\xc3\xbc"],
  ],
  [
    ["", /"" is not absolute\. Start it with a slash/],
    ["usr/bin", /"usr\/bin" is not absolute/],
    ["/a/../b", /has a \.\. in it\. Name the place itself/],
    ["/a\u0000", /NUL/],
    ["/\ud800", /no valid Unicode/],
  ],
);

table(
  "filePath",
  schema.filePath,
  [["/x", "x"]],
  [
    ["/", /"\/" is the root folder\. Name a file/],
    ["/./", /is the root folder/],
    ["x", /not absolute/],
  ],
);

table(
  "pattern",
  schema.pattern,
  [
    ["/opt/tools", "/opt/tools"],
    ["opt/**/*.so", "opt/**/*.so"],
    ["/", "/"],
    [".", "."],
    ["[a-c]", "[a-c]"],
  ],
  [
    ["", /"" is no path\. Write a path or a glob/],
    ["[a", /"\[a" has an open bracket\. Close it/],
    ["a\\", /ends in a backslash/],
    ["../x", /has a \.\. in it/],
    [undefined, /is missing\. Give a path or a glob/],
  ],
);

table(
  "mode",
  schema.mode,
  [
    ["0755", 0o755],
    ["644", 0o644],
    ["4755", 0o4755],
    ["0000", 0],
  ],
  [
    ["755x", /"755x" is not a mode in quoted octal, such as "0755"/],
    ["0888", /not a mode/],
    ["00755", /not a mode/],
    ["7", /not a mode/],
    ["", /not a mode/],
    [755, /755 is no string\. Give a mode in quoted octal/],
    [undefined, /is missing\. Give a mode/],
  ],
);

table(
  "id",
  schema.id,
  [
    [0, 0],
    [65534, 65534],
    [0xffff_fffe, 0xffff_fffe],
  ],
  [
    [-1, /-1 is no id\. An id is a whole number from 0 to 4294967294/],
    [1.5, /1\.5 is no id/],
    [0xffff_ffff, /is no id/],
    ["1000", /"1000" is no number\. Give a number/],
    [Number.NaN, /no number/],
    [undefined, /is missing\. Give a number/],
  ],
);

table(
  "accountName",
  schema.accountName,
  [
    ["app", "app"],
    ["_apt", "_apt"],
    ["a.b-c_D9", "a.b-c_D9"],
    ["x".repeat(32), "x".repeat(32)],
  ],
  ["", "1app", "-app", "a:b", "a b", "a\nb", "ä", "x".repeat(33), "a,b"].map(
    (name) => [name, /is not the name of a user or group: letters/] as const,
  ),
);

table(
  "variableName",
  schema.variableName,
  [
    ["PATH", "PATH"],
    ["with space", "with space"],
  ],
  [
    ["", /"" is no name of a variable/],
    ["A=B", /"A=B" is no name of a variable: it is empty or holds "="/],
    ["A\u0000", /no name of a variable/],
  ],
);

table(
  "variableValue",
  schema.variableValue,
  [
    ["", ""],
    [null, null],
    ["a=b\n", "a=b\n"],
  ],
  [
    ["hunter\u0000two", /^holds a NUL, which no variable can$/],
    [7, /^is no string\. Give a string, or null to unset it$/],
  ],
);

table("secretText", schema.secretText, [["x", "x"]], [[4711, /^is no string\. Give a string$/]]);
table("flag", schema.flag, [[true, true]], [["true", /"true" is neither true nor false/]]);
table("compression", schema.compression, [["zstd", "zstd"]], [["xz", /"xz" is no compression\. Give "gzip" or "zstd"/]]);

table(
  "list",
  schema.list(schema.tag, "tags"),
  [
    [[], []],
    [["a"], ["a"]],
  ],
  [
    [undefined, /is missing\. Give a list of tags/],
    ["a", /^is no list\. Give a list of tags$/],
    [[1], /1 is no string/],
  ],
);

table(
  "record",
  schema.record(schema.secretText, "names to values"),
  [[{ a: "b" }, { a: "b" }]],
  [[["a"], /is no map\. Give a map of names to values/]],
);

table(
  "object",
  schema.object({ tag: schema.tag, mode: schema.mode.optional() }),
  [[{ tag: "a" }, { tag: "a" }]],
  [
    [{ tag: "a", tga: 1 }, /has no property "tga"\. It has tag, mode/],
    ["a", /^is no object\. Give an object with tag, mode$/],
    [{}, /is missing\. Give a tag/],
  ],
);

describe("values in messages", () => {
  it("are shown whole or not at all, so that a part of a secret never shows", () => {
    for (const length of [10, 198, 199, 300]) {
      const value = `${"s".repeat(length)} `;
      const message = schema.tag.safeParse(value).error?.issues[0]?.message ?? "";
      assert.equal(message.includes("sss"), message.includes(value), `${length}`);
    }
  });
});
