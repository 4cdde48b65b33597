import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { textCommands } from "../../../provider/packages/scripts/commands/text-commands.js";
import { RootEditor } from "../../../provider/packages/root/root-editor.js";
import { LayerDraft } from "../../../provider/rootfs/layers/draft.js";
import { expect } from "../../support/expectations.js";
import { treeOf } from "../../support/packages/roots.js";
import { suiteUnless } from "../../support/skips.js";
import { hasTool } from "../../support/tar/tools.js";

const text = "# one\nlanguage=de_DE.UTF-8 UTF-8\n  two\ttabs\n\n; priority = 10\na.b*c (x)\nlast:of:all\n";
const cases: readonly (readonly string[])[] = [
  ["sed", "s/[aeiou]/<&>/g"],
  ["sed", "-n", "s/^;[[:space:]]*priority[[:space:]]*=[[:space:]]*\\([0-9]\\+\\)[[:space:]]*$/\\1/p; /^[0-9]\\+$/q"],
  ["sed", "-e", "/^#/d", "-e", "s|^ *||"],
  ["sed", "-E", "s/(\\w+)[=:](.*)/\\2-\\1/"],
  ["sed", "2,4d"],
  ["sed", "/two/,$d"],
  ["sed", "/two/!d"],
  ["sed", "-n", "$p"],
  ["sed", "0,/o/s/o/0/"],
  ["sed", "/o/,/o/d"],
  ["sed", "2q"],
  ["sed", "s/A/x/I"],
  ["sed", "s/a\\.b\\*c/literal/;s/(x)/[y]/"],
  ["sed", "s,/,\\,,g;s/:/\\\n/"],
  ["sed", "-n", "/^[a-z].*$/p"],
  ["sed", "/two/a after\n/one/i before"],
  ["sed", "1c changed"],
  ["grep", "o"],
  ["grep", "-v", "^$"],
  ["grep", "-E", "^(#|;) ?"],
  ["grep", "-x", "last:of:all"],
  ["grep", "-F", "a.b*"],
  ["grep", "-w", "two"],
  ["grep", "-i", "UTF-8 utf"],
  ["grep", "-c", "[[:digit:]]"],
  ["grep", "-e", "one", "-e", "two"],
  ["grep", "^[# ]*language=de_DE.UTF-8 UTF-8 *$"],
  ["grep", "none"],
  ["grep", "x\\|two\\+"],
  ["cut", "-d", ":", "-f", "2"],
  ["cut", "-f1"],
  ["head", "-n", "2"],
  ["head", "-1"],
  ["tail", "-n", "2"],
  ["wc", "-l"],
  ["uniq"],
  ["cat"],
  ["tr", "a-z", "A-Z"],
  ["tr", "-d", "0-9\\n"],
  ["tr", "-cd", "a-z"],
  ["tr", ":", "\\n"],
  ["awk", "{print $2}"],
  ["awk", "/o/ { print $1 }"],
  ["awk", "-F:", "{ print $NF; }"],
  ["md5sum"],
];

describe(
  "text commands give what the real commands give:",
  suiteUnless(["sed", "grep"].every(hasTool) ? false : "no sed or grep", () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "dhi-text-"));
      writeFileSync(join(folder, "file"), text);
    });
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    const tree = treeOf({ [`d/file`]: text, "d/empty": "" });
    const commands = textCommands(new RootEditor(tree, new LayerDraft(tree, tree.fork())));
    const env = { ...process.env, LC_ALL: "C" };

    for (const [name = "", ...args] of cases) {
      it(`${name} ${JSON.stringify(args)}`, () => {
        const real = spawnSync(name, args, { input: text, env, encoding: "latin1" });
        const result = commands[name]?.(args, text);
        expect({ status: result?.status, output: result?.output }).to.deep.equal({ status: real.status, output: real.stdout });
        // A file by its name gives the same as what comes in.
        if (!["tr", "md5sum", "wc"].includes(name)) {
          expect(commands[name]?.([...args, "/d/file"])?.output).to.equal(real.stdout);
          expect(spawnSync(name, [...args, join(folder, "file")], { env, encoding: "latin1" }).stdout).to.equal(real.stdout);
        }
      });
    }

    it("unsupported forms are not guessed", () => {
      for (const [name = "", ...args] of [
        ["sed", "y/a/b/"],
        ["sed", "N;P;D"],
        ["sed", "s/a/b/e"],
        ["sed", "-z", "s/a/b/"],
      ])
        expect(commands[name]?.(args, text), args.join(" ")).to.equal(undefined);
      for (const [name = "", ...args] of [
        ["awk", "BEGIN { x = 1 } { x += $1 } END { print x }"],
        ["sort", "-k", "2"],
        ["cut", "-c", "1-3"],
        ["tr", "[:lower:]", "[:upper:]"],
        ["grep", "-P", "x"],
      ])
        expect(commands[name]?.(args, text)?.output, `${name} ${args.join(" ")}`).to.equal(undefined);
    });

    it("unknown input gives unknown output", () => {
      for (const name of ["sed", "grep", "cat", "sort", "md5sum"]) {
        const result = commands[name]?.(name === "sed" || name === "grep" ? ["p"] : []);
        expect([result?.status, result?.output], name).to.deep.equal([undefined, undefined]);
      }
    });
  }),
);
