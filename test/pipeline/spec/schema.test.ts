import { describe, it } from "mocha";
import * as schema from "../../../provider/pipeline/spec/schema.js";
import { expect } from "../../support/expectations.js";
import { table } from "./schema-table.js";

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
    [755, /755 is not a string\. Give a mode in quoted octal/],
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
    [-1, /-1 is not a valid id\. An id is a whole number from 0 to 4294967294/],
    [1.5, /1\.5 is not a valid id/],
    [0xffff_ffff, /is not a valid id/],
    ["1000", /"1000" is not a number\. Give a number/],
    [Number.NaN, /not a number/],
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
    ["", /"" is not a valid variable name/],
    ["A=B", /"A=B" is not a valid variable name: it is empty or contains "="/],
    ["A\u0000", /not a valid variable name/],
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
    ["hunter\u0000two", /^contains a NUL character, which is not allowed in variables$/],
    [7, /^is not a string\. Give a string, or null to unset it$/],
  ],
);

table("secretText", schema.secretText, [["x", "x"]], [[4711, /^is not a string\. Give a string$/]]);
table("flag", schema.flag, [[true, true]], [["true", /"true" is not true or false/]]);
table("compression", schema.compression, [["zstd", "zstd"]], [["xz", /"xz" is not a valid compression\. Give "gzip" or "zstd"/]]);

table(
  "list",
  schema.list(schema.tag, "tags"),
  [
    [[], []],
    [["a"], ["a"]],
  ],
  [
    [undefined, /is missing\. Give a list of tags/],
    ["a", /^is not a list\. Give a list of tags$/],
    [[1], /1 is not a string/],
  ],
);

table(
  "record",
  schema.record(schema.secretText, "names to values"),
  [[{ a: "b" }, { a: "b" }]],
  [[["a"], /is not a map\. Give a map of names to values/]],
);

table(
  "object",
  schema.object({ tag: schema.tag, mode: schema.mode.optional() }),
  [[{ tag: "a" }, { tag: "a" }]],
  [
    [{ tag: "a", tga: 1 }, /has no property "tga"\. It has tag, mode/],
    ["a", /^is not an object\. Give an object with tag, mode$/],
    [{}, /is missing\. Give a tag/],
  ],
);

describe("values in messages", () => {
  it("are shown completely or not at all, so that a part of a secret is never shown", () => {
    for (const length of [10, 198, 199, 300]) {
      const value = `${"s".repeat(length)} `;
      const message = schema.tag.safeParse(value).error?.issues[0]?.message ?? "";
      expect(message.includes("sss"), `${length}`).to.equal(message.includes(value));
    }
  });
});
