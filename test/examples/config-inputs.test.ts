import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { configTable } from "../../provider/image/config-table.js";
import { imageInputs } from "../../provider/pipeline/spec/image-inputs.js";
import { packageFolder } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";

const read = (path: string): string => readFileSync(join(packageFolder, path), "utf8");
/** First cells of the rows of all tables in a text. */
const firstCells = (text: string): string => (text.match(/^\| `[^|]*\|/gm) ?? []).join("\n");

describe("an input that edits the image config", () => {
  const reference = "docs/reference";
  const pages = existsSync(join(packageFolder, reference)) ? readdirSync(join(packageFolder, reference)) : [];
  const documented = firstCells(["README.md", ...pages.map((page) => `${reference}/${page}`)].map(read).join("\n"));
  const [, semantics = ""] = /\n## Config\n([^]*?)\n## /.exec(read("docs/semantics.md")) ?? [];

  for (const { input, field } of configTable) {
    it(`is an input of both resources, with its own field, and has a line in the tables of inputs: ${input}`, () => {
      expect(input in imageInputs).to.equal(true);
      expect(configTable.filter((row) => row.input === input || row.field === field).length).to.equal(1);
      expect(documented).to.include(`\`${input}\``);
    });

    it(`has a line with its field in the semantics: ${input}`, () => {
      const lines = semantics.split("\n").filter((line) => firstCells(line).includes(`\`${input}\``));
      expect(
        lines.some((line) => line.includes(`\`${field}\``)),
        `docs/semantics.md, Config, has no row of ${input} and ${field}`,
      ).to.equal(true);
    });
  }
});
