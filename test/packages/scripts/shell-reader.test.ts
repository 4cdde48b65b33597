import fc from "fast-check";
import { describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import type { ScriptHost } from "../../../provider/packages/scripts/script-host.js";
import { grepCommand } from "../../../provider/packages/scripts/commands/grep.js";
import { parseShell } from "../../../provider/packages/scripts/shell/parser.js";
import { ShellReader } from "../../../provider/packages/scripts/shell/reader.js";
import { expect } from "../../support/expectations.js";

const files: Readonly<Record<string, string>> = {
  "/lib.sh": 'greet() { act hello $1; }\n[ "$2" = stop ] && return\nact sourced $1\n',
  "/bin/prog": "#!/bin/sh\nx=inner\nact prog $0 $1\nexit 3\n",
  "/list": "a b\nc d e\n",
};

/** What a script does: `act` is reproduced, `yes` and `no` have a known end, `say` prints, `look` is harmless; the rest is told with a `?`. */
function follow(script: string, parameters: readonly string[] = ["configure", ""]): readonly string[] {
  const told: string[] = [];
  const host: ScriptHost = {
    command: (name) => {
      if (name === "act") return (args) => (told.push(args.join(" ")), { status: 0 });
      if (name === "cat") return (_, input) => (input === undefined ? undefined : { status: 0, output: input });
      if (name === "grep")
        return grepCommand(
          "grep",
          () => null,
          () => undefined,
        );
      if (name === "say") return (args) => ({ status: 0, output: `${args.join(" ")}\n` });
      if (name === "yes" || name === "no") return () => ({ status: name === "yes" ? 0 : 1 });
      if (name === "[")
        return (args) => ({
          status: args[1] === "=" ? (args[0] === args[2] ? 0 : 1) : args[0] === "-n" ? (args[1] === "" ? 1 : 0) : undefined,
        });
      return undefined;
    },
    isHarmless: ([name]) => name === "look" || name === "[",
    glob: (pattern) => (pattern === "/d/*" ? ["/d/a", "/d/b"] : []),
    isThere: (path) => path !== "/gone",
    readFile: (path) => files[path],
    script: (name) => files[name],
    writeFile: (path, text, append) => told.push(`${path} ${append ? "+" : ""}${text}`) > 0,
    unread: (command) => told.push(`?${command}`),
  };
  new ShellReader(host, parameters, { ROOT: "" }).read(script);
  return told;
}

const cases: readonly (readonly [what: string, script: string, does: readonly string[]])[] = [
  ["words", `act a 'b c' "d $1" \\$e e\\ f`, ["a b c d configure $e e f"]],
  ["variables are split, quoted ones are not", `x="1  2"; act $x; act "$x"; act "[$y]" $y`, ["1 2", "1  2", "[]"]],
  ["defaults and patterns", `act \${x:-d} \${1:+s} "\${ROOT:-/r}" \${1%ure} \${1#*f} \${1##*[gi]}`, ["d s /r config igure ure"]],
  ["$@ keeps its words", `set -- a "b c"; act "$#" "$@"; shift; act $1`, ["2 a b c", "b c"]],
  ["file names", `act /d/* "/d/*" /e/*`, ["/d/a /d/b /d/* /e/*"]],
  ["if", `if no; then act 1; elif yes; then act 2; else act 3; fi; if ! yes; then act 4; else act 5; fi`, ["2", "5"]],
  ["case", `case "$1" in\n abort-*|fail) act 1;;\n conf*) act 2\n ;;\n *) act 3;;\nesac; case x in (y) act 4 ;; esac`, ["2"]],
  ["for", `for i in 1 "2 3" /d/*; do act $i; done\nfor j; do act $j; done`, ["1", "2 3", "/d/a", "/d/b", "configure", ""]],
  ["chains", `yes && act 1 || act 2\nno && act 3 || act 4; no || no || act 5`, ["1", "4", "5"]],
  ["functions", `f() { local a=$1; if [ "$a" = x ]; then return 1; fi; act "f $a"; }\nf y; f x || act no`, ["f y", "no"]],
  ["exit ends it", `act 1; exit 0; act 2`, ["1"]],
  ["a subshell ends alone", `(act 1; exit 0; act 2); act 3`, ["1", "3"]],
  ["substitution", 'act "$(say a b)" `say c` $(say d; say e)', ["a b c d e"]],
  ["comments and continued lines", "act a # b\n# act c\nact d \\\n  e#f\n", ["a", "d e#f"]],
  [
    "here-documents are written",
    "cat > /f <<-EOF\n\ta $1 \\$b\n\tEOF\ncat <<'EOF' >> /g\n$1\nEOF\nact x",
    ["/f a configure $b\n", "/g +$1\n", "x"],
  ],
  ["output goes to files", `say a > /f; { say b; say c; } >> /g; say d >/dev/null; say e >&2`, ["/f a\n", "/g +b\nc\n"]],
  ["pipes into grep", `say a | grep -q a && act 1; if say a | grep -q '^b'; then act 2; fi; act "$(say a.c | grep -F .c)"`, ["1", "a.c"]],
  ["unknown commands are reported", `run --it "$1"; look at; look | other`, ["?run --it configure", "?other"]],
  [
    "what depends on an unknown condition is not followed",
    `if look; then act 1; mkdir /x; x=1; fi; look && act 2; act 3 $x`,
    ["?act", "?mkdir", "?act", "?act"],
  ],
  ["an unknown value is not taken for an empty one", `x=$(look); if [ -n "$x" ]; then act 1; fi; act "$x"`, ["?act", "?act"]],
  ["unknown alternatives of a case", `case $(look) in a) act 1;; esac; act 2`, ["?act", "2"]],
  ["loops", `i=0; while [ "$i" = 0 ]; do act $i; i=$((i + 1)); done; until yes; do act no; done; act $i`, ["0", "1"]],
  ["loops whose end nobody knows", `while look; do act 1; done; act 2`, ["?act", "2"]],
  ["breaking out of two loops", `for i in 1 2; do for j in 1 2; do act $i$j; break 2; done; done; act 3`, ["11", "3"]],
  [
    "lines that are read",
    `say "a  b c" | while read x y; do act "$y/$x"; done; while read x rest; do act $x; done < /list`,
    ["b c/a", "a", "c"],
  ],
  ["arithmetic and lengths", `n=3; x=abcd; act $((n * (2 + 1) - 1)) $(( $n > 2 )) \${#x}`, ["8 1 4"]],
  [
    "sourced shell: its functions stay, return ends it alone",
    `. /lib.sh; greet you; . /lib.sh me stop; act $1`,
    ["sourced configure", "hello you", "configure"],
  ],
  ["programs that are shell are shells of their own", `x=outer; /bin/prog a || act $? $x`, ["prog /bin/prog a", "3 outer"]],
  ["eval and sh -c", `eval "act \\$1"; sh -c 'act "$1" $#' name one two`, ["configure", "one 2"]],
  ["xargs", `say a b | xargs act -x; say "" | xargs -r act`, ["-x a b"]],
  ["local names come back", `f() { local x=in; act $x; }; x=out; f; act $x`, ["in", "out"]],
  ["a subshell keeps its names", `x=1; (x=2; act $x); act $x`, ["2", "1"]],
  [
    "options",
    `set -- -a -bvalue -c word rest; while getopts ab:c: o; do act $o $OPTARG; done; shift $((OPTIND - 1)); act $1`,
    ["a", "b value", "c word", "rest"],
  ],
  ["the status of the last command", `no || r=$?; act $r; yes; act $?`, ["1", "0"]],
  ["an end in doubt", `if look; then exit 0; fi; act 1; look`, ["?act"]],
  ["a return in doubt ends with its function", `f() { look && return; act 1; }; f; act 2`, ["?act", "2"]],
  ["a failing exit in doubt is ignored", `look || exit 1; act 1`, ["1"]],
  ["with set -e an unchecked failure is reported", `set -e; no && act 1; if no; then act 2; fi; no || yes; no; act 3`, ["?no", "3"]],
  ["what is not there cannot be removed", `if look; then rm -f /gone; rm -f /there; fi`, ["?rm"]],
  ["files that may be written are reported", `if look; then look > /f; fi; look > /g`, ["?writing /f", "?writing /g"]],
  ["functions that may be called are reported once", `f() { mkdir /x; f; }; if look; then f; f; fi`, ["?mkdir"]],
];

describe("a maintainer script is followed without being run", () => {
  for (const [what, script, does] of cases) it(what, () => expect(follow(script)).to.deep.equal(does));
});

it("unsupported syntax is an error with its line", () => {
  for (const script of ["act 1\nif yes; then", "act 'a", "act ${x", "case a in b)", "act )", "cat <<E\nx", "for i in a( ; do do 1; done"]) {
    expect(() => follow(script), script).to.throwError(
      (thrown: DhiError) => thrown instanceof DhiError && thrown.code === "invalid" && /^line [0-9]+: /.test(thrown.message),
    );
  }
});

it("a script that does not end is an error", () => {
  expect(() => follow("f() { f; }\nf")).to.throw(/without end|does not end/);
  expect(() =>
    follow(
      `f() { for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 7 8 9; do $1; done; done; }\na() { f yes; }\nb() { f a; }\nc() { f b; }\nf c`,
    ),
  ).to.throw(/does not end/);
});

it("any text ends with an outcome or a DhiError", () => {
  const piece = fc.constantFrom(
    "do",
    "if",
    "then",
    "fi",
    "case",
    "esac",
    "in",
    ";;",
    ";",
    "\n",
    "$(",
    ")",
    "`",
    '"',
    "'",
    "${x",
    "}",
    "{",
    "<<E",
    "E\n",
    "|",
    "&&",
    "&",
    "for",
    "done",
    "x=1",
    " ",
    "#",
    "\\",
    ">",
    "(",
    "f()",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      try {
        parseShell(pieces.join(" "));
        follow(pieces.join(" "));
      } catch (thrown) {
        expect(thrown, String(thrown)).to.be.instanceOf(DhiError);
      }
    }),
    { numRuns: 2000 },
  );
});
