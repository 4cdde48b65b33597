import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "mocha";
import { expect } from "../../../support/expectations.js";
import { differences } from "./install-differences.js";

it("docs/semantics.md has every row of the table, and no other", () => {
  const text = readFileSync(join(__dirname, "../../../../../docs/semantics.md"), "utf8");
  const [, section = ""] = /^### Comparison with apk\n([\s\S]*?)^## /m.exec(text) ?? [];
  const rows = section
    .split("\n")
    .flatMap((line) => (/^\| [^-w]/.test(line) ? [line.split(" | ").slice(1).join(" | ").replace(/ \|$/, "")] : []));
  expect(rows).to.deep.equal(differences.map(({ cause, choice }) => `${cause} | ${choice}`));
});
