import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { ociArtifactKind } from "../../provider/resources/oci-artifact/oci-artifact.js";
import { packageFolder } from "../support/engine/index.js";

const read = (path: string): string => readFileSync(join(packageFolder, path), "utf8");

/** Words in backticks in the first cells of a section's tables. */
function tableNames(text: string, heading: string): ReadonlySet<string> {
  const start = text.indexOf(`\n## ${heading}\n`);
  assert.notEqual(start, -1, heading);
  const rows =
    text
      .slice(start + 1)
      .split("\n## ")[0]
      ?.match(/^\| `[^|]*/gm) ?? [];
  return new Set(rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "")));
}

test("the README lists every input, and no others", () => {
  const inputs = new Set([...customizationKind.inputs, ...ociArtifactKind.inputs].filter((name) => name !== "tag"));
  assert.deepEqual([...tableNames(read("README.md"), "Inputs")].sort(), [...inputs].sort());
});

test("the README lists every output", () => {
  const declared = ["sdk/published-image.ts", "sdk/customization.ts"].flatMap((file) =>
    [...read(file).matchAll(/declare readonly (\w+): Output/g)].map(([, name]) => name),
  );
  assert.deepEqual([...tableNames(read("README.md"), "Outputs")].sort(), declared.sort());
});

test("docs/semantics.md lists every kind of notice", () => {
  const [, kinds = ""] = /type NoticeKind =([^;]*)\(string/.exec(read("sdk/outputs.ts")) ?? [];
  const declared = [...kinds.matchAll(/"([^"]+)"/g)].map(([, kind]) => kind);
  assert.ok(declared.length > 0);
  assert.deepEqual([...tableNames(read("docs/semantics.md"), "Notices")].sort(), declared.sort());
});

test("every link between the documents has a target", () => {
  const files = ["README.md", "docs/semantics.md", "docs/security.md", "docs/operations.md", "examples/README.md"];
  for (const file of files) {
    for (const [, target = ""] of read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(join(packageFolder, file, "..", target)), `${file} links to ${target}`);
    }
  }
});
