import { spawnSync } from "node:child_process";
import { describe, it } from "mocha";
import { installDebianPackages } from "../../../provider/packages/deb/install/install.js";
import { MAX_SCRIPT_WORK, ScriptWork, installationWork, MAX_INSTALL_WORK } from "../../../provider/packages/scripts/script-work.js";
import { MAX_CALLS, MAX_COMMANDS, MAX_NESTED, MAX_SCRIPT, ShellNesting } from "../../../provider/packages/scripts/shell/nesting.js";
import { MAX_DEPTH } from "../../../provider/packages/scripts/shell/words.js";
import { MAX_SEQUENCE } from "../../../provider/packages/scripts/commands/plain-commands.js";
import { parseShell } from "../../../provider/packages/scripts/shell/parser.js";
import { LayerDraft } from "../../../provider/rootfs/layers/draft.js";
import { expect } from "../../support/expectations.js";
import { packageOf, treeOf } from "../../support/packages/roots.js";

const tooMuch = "(it does too much to be followed)";
const endless = "(it does not end)";
const nested = "is nested deeper than 100 levels)";
const a40 = "a".repeat(40);
/** Scripts that would hang, overflow or fill memory, with how their notice says so; "" for those that are followed to their end. */
const hostile: Readonly<Record<string, readonly [script: string, notice: string]>> = {
  "grep -E (a+)+$": [`echo ${a40}! | grep -qE '(a+)+$' || true`, ""],
  "sed (a*)*b": [`echo ${a40} | sed -E 's/(a*)*b//' > /etc/x`, ""],
  "awk with an invalid pattern": [`awk '/+x/ {print $1}' /etc/passwd`, ""],
  "case *a*a*a…": [`x=${"a".repeat(60)}\ncase "$x" in ${"*a".repeat(25)}*b) :;; esac`, ""],
  "${x##*a*b} of 64 kB": [`a=${"a".repeat(16)}\n${"a=$a$a\n".repeat(12)}b="\${a##*a*b}"`, ""],
  "a pattern that refers back": [`echo aa | sed 's/\\(a\\)\\1/b/' > /etc/x`, "writing /etc/x"],
  "a value that doubles": [`a=xxxxxxxx\n${"a=$a$a\n".repeat(60)}`, tooMuch],
  "a file that doubles": [
    `echo xxxxxxxx > /var/a\nfor i in ${"1 ".repeat(60)}; do cat /var/a /var/a > /var/b; cat /var/b /var/b > /var/a; done`,
    tooMuch,
  ],
  "a file that grows for ever": ["while true; do echo 0123456789012345678901234567890123456789 >> /var/a; done", tooMuch],
  "files without end": ["i=0; while true; do i=$((i+1)); echo x > /var/lib/evil$i; done", "what follows"],
  "a line that sed doubles": [`echo ab > /etc/x\n${"sed -i 's/.*/&&/' /etc/x\n".repeat(60)}`, tooMuch],
  "printf in rounds": [`f=$(seq 1 9999)\n${"f=$f$f\n".repeat(6)}printf "%s$f" $f > /etc/x`, "what follows"],
  "find for ever": ["while true; do find / -name '*a*a*a*a*b' > /dev/null; done", "what follows"],
  "while :": ["while :; do :; done", endless],
  "loops in loops": [`l='${"a ".repeat(300)}'\nfor a in $l; do for b in $l; do for c in $l; do x=$a$b$c; done; done; done`, "what follows"],
  "a function that calls itself": ["f() { f; f; }; f || true", "without end)"],
  "eval that calls itself": [`a='eval "$a"'\neval "$a"`, "without end)"],
  "functions that may be called, each by two": [
    `${Array.from({ length: 34 }, (_, at) => `f${at}() { f${at + 1}; f${at + 1}; }`).join("\n")}\nf34() { :; }\nif frobnicate; then f0; fi`,
    "frobnicate",
  ],
  "nested brackets": [`${"( ".repeat(20_000)}:${" )".repeat(20_000)}`, nested],
  "nested if": [`${"if true; then ".repeat(5000)}:${"; fi".repeat(5000)}`, nested],
  "nested ${a:-…}": [`x=${"${a:-".repeat(5000)}x${"}".repeat(5000)}`, nested],
  "nested $(…)": [`x=${"$(echo ".repeat(2000)}a${")".repeat(2000)}`, "without end)"],
  "test with 20,000 words": [`[ ${"a -o ".repeat(20_000)}a ] && :`, ""],
  "find ! ! !": [`find /etc ${"! ".repeat(20_000)}-name x`, ""],
  "seq to a billion": ["for i in $(seq 1 1000000000); do :; done", ""],
  "an array": ["x=(rm -rf /etc/keep)", "is not understood"],
};

interface Outcome {
  readonly notices: string;
  readonly keeps: boolean;
}

/** What each of them leaves, all followed by one other process, with the most memory that it had. */
function followAlone(): { readonly outcomes: ReadonlyMap<string, Outcome>; readonly mebibytes: number } {
  // Coverage takes memory of its own.
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, [__filename, "child"], { encoding: "utf8", timeout: 300_000, env });
  const lines = stdout.split("\n").filter((line) => line !== "");
  expect(status, `after ${lines.at(-1) ?? "nothing"}: ${stderr}`).to.equal(0);
  const outcomes = new Map(lines.slice(0, -1).map((line) => JSON.parse(line) as readonly [string, Outcome]));
  return { outcomes, mebibytes: Number(lines.at(-1)) };
}

function follow(script: string): Outcome {
  const base = treeOf({
    "etc/passwd": "root:x:0:0:r:/root:/bin/sh\n",
    "etc/keep/file": "x",
    "var/lib/dpkg/status": "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDescription: d\n\n",
  });
  const tree = base.fork();
  const notices = installDebianPackages({
    tree,
    draft: new LayerDraft(tree, base),
    packages: [packageOf({ name: "m", control: { postinst: `#!/bin/sh\n${script}\n` } })],
    reserved: { uids: new Set(), gids: new Set() },
    fromScratch: false,
    distribution: { family: "debian", release: "bookworm" },
  });
  return { notices: notices.map(({ message }) => message).join("\n"), keeps: tree.get("etc/keep/file") !== undefined };
}

if (process.argv[2] === "child") {
  for (const [name, [script]] of Object.entries(hostile)) process.stdout.write(`${JSON.stringify([name, follow(script)])}\n`);
  process.stdout.write(`${process.resourceUsage().maxRSS / 1024}\n`);
} else {
  describe("a maintainer script that would not end, or fill memory,", () => {
    const { outcomes, mebibytes } = followAlone();
    for (const [name, [, notice]] of Object.entries(hostile)) {
      it(`ends, with a notice where it was not followed: ${name}`, () => {
        const { notices = "", keeps } = outcomes.get(name) ?? {};
        if (notice === "") expect(notices, notices).to.not.include("what follows");
        else expect(notices, notices).to.include(notice);
        expect(notices.length, notices).to.be.below(1000);
        expect(keeps).to.equal(true);
      });
    }

    it("takes less than 350 MiB, whichever it is", () => expect(mebibytes, String(mebibytes)).to.be.below(350));
  });

  describe("what a script may do", () => {
    it("is counted: of one, and of all of an installation", () => {
      const [one, all] = [new ScriptWork(), installationWork()];
      one.spend(MAX_SCRIPT_WORK);
      expect(() => one.spend(1)).to.throwError({ code: "limit", message: /does too much/ });
      for (let at = 0; at < MAX_INSTALL_WORK / MAX_SCRIPT_WORK; at += 1) all.forScript().spend(MAX_SCRIPT_WORK);
      expect(() => all.forScript().spend(1)).to.throwError({ code: "limit", message: /the scripts of these packages do too much/ });
    });

    it("is bounded in commands, calls, depth and length", () => {
      const nesting = new ShellNesting(() => undefined);
      const deep = (levels: number, step: "command" | "call"): number => (levels === 0 ? 0 : nesting[step](() => deep(levels - 1, step)));
      expect(deep(MAX_NESTED, "command")).to.equal(0);
      expect(() => deep(MAX_NESTED + 1, "command")).to.throwError({ code: "limit", message: /nested without end/ });
      expect(deep(MAX_CALLS, "call")).to.equal(0);
      expect(() => deep(MAX_CALLS + 1, "call")).to.throwError({ code: "limit", message: /call each other without end/ });
      const many = new ShellNesting(() => undefined);
      for (let at = 0; at < MAX_COMMANDS; at += 1) many.command(() => 0);
      expect(() => many.command(() => 0)).to.throwError({ code: "limit", message: /does not end/ });
      const brackets = (levels: number): string => `${"( ".repeat(levels)}:${" )".repeat(levels)}`;
      expect(parseShell(brackets(MAX_DEPTH - 1)).length).to.equal(1);
      expect(() => parseShell(brackets(MAX_DEPTH))).to.throwError({ code: "invalid", message: /nested deeper/ });
      expect(follow(`#${"x".repeat(MAX_SCRIPT - 20)}`).notices).to.equal("");
      expect(follow(`#${"x".repeat(MAX_SCRIPT)}`).notices).to.match(/longer than 1048576 characters/);
      expect(follow(`[ "$(seq 1 ${MAX_SEQUENCE} | tail -1)" = ${MAX_SEQUENCE} ] || frobnicate`).notices).to.equal("");
    });
  });
}
