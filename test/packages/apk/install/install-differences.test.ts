import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { differences } from "./install-differences.js";

test("docs/semantics.md has every row of the table, and no other", () => {
  const text = readFileSync(join(__dirname, "../../../../../docs/semantics.md"), "utf8");
  const [, section = ""] = /^### Comparison with apk\n([\s\S]*?)^## /m.exec(text) ?? [];
  const rows = section
    .split("\n")
    .flatMap((line) => (/^\| [^-w]/.test(line) ? [line.split(" | ").slice(1).join(" | ").replace(/ \|$/, "")] : []));
  assert.deepEqual(
    rows,
    differences.map(({ cause, choice }) => `${cause} | ${choice}`),
  );
});
