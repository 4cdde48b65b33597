import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { ociArtifactKind } from "../../provider/resources/oci-artifact/oci-artifact.js";
import { packageFolder } from "../support/engine/index.js";

const read = (path: string): string => readFileSync(join(packageFolder, path), "utf8");

/** Words in backticks in the first cells of a page's tables. */
function tableNames(page: string): readonly string[] {
  const cells = read(page).match(/^\| `[^|]*/gm) ?? [];
  return [...new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "")))].sort();
}

describe("the reference pages", () => {
  it("list every input, and no other", () => {
    const inputs = new Set([...customizationKind.inputs, ...ociArtifactKind.inputs]);
    assert.deepEqual(tableNames("docs/reference/inputs.md"), [...inputs].sort());
  });

  it("list every output, and no other", () => {
    const declared = ["sdk/published-image.ts", "sdk/customization.ts"].flatMap((file) =>
      [...read(file).matchAll(/declare readonly (\w+): Output/g)].map(([, name]) => name),
    );
    assert.deepEqual(tableNames("docs/reference/outputs.md"), declared.sort());
  });

  it("list every kind of notice, and no other", () => {
    const [, kinds = ""] = /type NoticeKind =([^;]*)\(string/.exec(read("sdk/outputs.ts")) ?? [];
    const declared = [...kinds.matchAll(/"([^"]+)"/g)].map(([, kind]) => kind);
    assert.ok(declared.length > 0);
    assert.deepEqual(tableNames("docs/reference/notices.md"), declared.sort());
  });

  it("list every key of stack configuration that the sdk declares", () => {
    const [, fields = ""] = /export interface DhiConfig \{([\s\S]*?)\n\}/.exec(read("sdk/outputs.ts")) ?? [];
    const declared = [...fields.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => `dhi:${name ?? ""}`);
    assert.ok(declared.length > 0);
    const listed = tableNames("docs/reference/configuration.md");
    assert.deepEqual(
      declared.filter((key) => !listed.includes(key)),
      [],
    );
  });
});
