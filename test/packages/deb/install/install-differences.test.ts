import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "mocha";
import { expect } from "../../../support/expectations.js";
import { coversPath, differences, formatDifferences, orderDifferences } from "./install-differences.js";

const file = join(__dirname, "..", "..", "..", "..", "..", "docs", "semantics.md");
const section = /(<!-- differences [^\n]* -->\n)([\s\S]*?)(<!-- end of differences -->)/;

it("docs/semantics.md lists every difference, and no other; DHI_WRITE_DOCS=1 writes it", () => {
  const text = readFileSync(file, "utf8");
  const table = formatDifferences([...differences, ...orderDifferences]);
  if (process.env["DHI_WRITE_DOCS"] !== undefined)
    writeFileSync(
      file,
      text.replace(section, (_, head: string, __, end: string) => head + table + end),
    );
  else expect(section.exec(text)?.[2]).to.equal(table);
});

it("paths of the table match as documented", () => {
  const row = (...paths: readonly string[]) => ({ paths, cause: "", choice: "" });
  const cases = [
    [row("/var/log/**"), ["var/log/x", "var/log/a/b"], ["var/log", "var/logs/x"]],
    [row("**/__pycache__/"), ["__pycache__", "usr/x/__pycache__/y.pyc"], ["usr/__pycache__x"]],
    [row("/etc/ssh/ssh_host_*", "/x-"), ["etc/ssh/ssh_host_rsa_key.pub", "x-"], ["etc/ssh/ssh_host_a/b", "x"]],
    [row("/a/????.0"), ["a/1234.0"], ["a/123.0", "a/1234x0"]],
    [row("/a/*/"), ["a/15", "a/15/x/y"], ["a"]],
  ] as const;
  for (const [one, inside, outside] of cases) {
    for (const path of inside) expect(coversPath(one, path), `${one.paths.join()} ${path}`).to.equal(true);
    for (const path of outside) expect(coversPath(one, path), `${one.paths.join()} ${path}`).to.equal(false);
  }
});
