import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { expect } from "../support/expectations.js";

const root = join(__dirname, "..", "..", "..");

interface Row {
  readonly attack: string;
  readonly file: string;
  readonly name: string;
}

/** The rows of the tables of attacks in docs/security.md: `| attack | outcome | \`file\`: name |`. */
function readRows(): readonly Row[] {
  const [, section = ""] = readFileSync(join(root, "docs/security.md"), "utf8").split("\n## Attacks");
  return section.split("\n").flatMap((line) => {
    const [, attack = "", , test = ""] = line.split(/(?<!\\)\|/);
    const [, file, name] = /^ `(test\/[^`]*)`: (.*) $/.exec(test) ?? [];
    return file === undefined || name === undefined ? [] : [{ attack: attack.trim(), file, name: name.replaceAll("\\|", "|") }];
  });
}

/** Titles of the suites and tests of a file, as regular expressions: interpolated values match anything. */
function titlesIn(file: string, call: "describe" | "it|test"): readonly string[] {
  const source = readFileSync(join(root, file), "utf8");
  const calls = source.matchAll(new RegExp(`\\b(?:${call})\\(\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|\`((?:[^\`\\\\]|\\\\.)*)\`|(\\w))`, "g"));
  return [...calls].map(([, plain, template, variable]) => {
    if (variable !== undefined) return ".+";
    const text = plain === undefined ? (template ?? "") : (JSON.parse(`"${plain}"`) as string);
    return text
      .split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".+");
  });
}

describe("the attacks in docs/security.md", () => {
  const rows = readRows();

  it("are many", () => expect(rows.length, String(rows.length)).to.be.above(90));

  for (const { attack, file, name } of rows) {
    it(`have a test: ${attack}`, () => {
      const suites = titlesIn(file, "describe");
      const tests = titlesIn(file, "it|test");
      const known = new RegExp(`^(?:(?:${suites.join("|")}) )*(?:${tests.join("|")})$`);
      expect(name).to.match(known);
    });
  }
});
