import * as schema from "../../../provider/pipeline/spec/schema.js";
import { table } from "./schema-table.js";

const digest = `sha256:${"a".repeat(64)}`;

table(
  "repository",
  schema.repository,
  [
    ["ghcr.io/a/b", { repository: { kind: "registry", host: "ghcr.io", name: "a/b" }, text: "ghcr.io/a/b" }],
    ["oci:./x", { repository: { kind: "layout", path: "./x" }, text: "oci:./x" }],
  ],
  [
    [undefined, /^is missing\. Give a repository: registry\/name, or oci:path$/],
    [7, /^7 is not a string\. Give a repository/],
    ["ghcr.io/a:1", /has a tag or digest, but only a repository is allowed here\. Remove/],
    ["A b", /"A b" is not a valid repository\. Repository names must be lower case/],
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
    ["ghcr.io/a@sha256:1", /which is not a valid digest\. A digest is/],
    [null, /an object or list is not a string/],
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
    ["", /"" is not a valid tag\. A tag has/],
    ["a b", /"a b" is not a valid tag/],
    ["x".repeat(300), /^a string of 302 characters is not a valid tag/],
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
    ["amd64", /"amd64" is not a valid platform\. Write os\/architecture, such as linux\/arm64/],
    ["linux/AMD64", /is not a valid platform/],
    [["linux/amd64"], /an object or list is not a string/],
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
    ["/a/../b", /contains "\.\."\. Write the resulting path itself/],
    ["/a\u0000", /NUL/],
    ["/\ud800", /not valid Unicode/],
  ],
);

table(
  "filePath",
  schema.filePath,
  [["/x", "x"]],
  [
    ["/", /"\/" is the root folder\. Give the path of a file/],
    ["/./", /is the root folder/],
    ["x", /not absolute/],
  ],
);

table(
  "pattern",
  schema.pattern.transform((parsed) => parsed.text),
  [
    ["/opt/tools", "/opt/tools"],
    ["opt/**/*.so", "opt/**/*.so"],
    ["/", "/"],
    [".", "."],
    ["[a-c]", "[a-c]"],
  ],
  [
    ["", /"" is not a path\. Write a path or a glob/],
    ["[a", /"\[a" has an unclosed bracket\. Close it/],
    ["a\\", /ends with a backslash/],
    ["../x", /contains "\.\."/],
    [undefined, /is missing\. Give a path or a glob/],
  ],
);
