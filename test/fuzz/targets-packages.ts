import type { FileHandle } from "node:fs/promises";
import { ApkIndex } from "../../provider/packages/apk/archive/package-index.js";
import { readMember, readMembers } from "../../provider/packages/deb/formats/ar.js";
import { formatParagraph, parseParagraphs } from "../../provider/packages/deb/formats/control.js";
import { parseDependencies, parseProvides } from "../../provider/packages/deb/formats/dependency.js";
import { parseSourcesFile } from "../../provider/packages/deb/sources/machine-mirror.js";
import { PackageIndex } from "../../provider/packages/deb/archive/package-index.js";
import type { ScriptHost } from "../../provider/packages/scripts/script-host.js";
import { ShellReader } from "../../provider/packages/scripts/shell/reader.js";
import { arArchive } from "../support/archives/ar.js";
import { madeRepository } from "../support/apk/made-case.js";
import { expect } from "../support/expectations.js";
import { mustRead, textOf, type Target } from "./target.js";

const ar: Target = {
  name: "ar",
  seeds: [
    arArchive([
      ["debian-binary", Buffer.from("2.0\n")],
      ["control.tar.xz", Buffer.from("abc")],
      ["data.tar.zst", Buffer.from("")],
    ]),
    arArchive([
      ["debian-binary/", Buffer.from("2.0\n")],
      ["_x", Buffer.from("odd")],
    ]),
  ],
  words: ["`\n", "!<arch>\n", "debian-binary   ", "-1        ", "9999999999", "#1/20", "//", "0x10      "],
  limit: 4096,
  run: async (input) => {
    const handle = handleOf(input);
    let end = 0;
    for (const member of await readMembers(handle)) {
      expect(member.offset, "a member lies outside, or over another one").to.be.at.least(end);
      expect(member.offset + member.size, "a member lies outside, or over another one").to.be.at.most(input.length);
      end = member.offset + member.size;
      const pieces: Buffer[] = [];
      for await (const piece of readMember(handle, member)) pieces.push(piece);
      expect(Buffer.concat(pieces)).to.deep.equal(input.subarray(member.offset, end));
    }
  },
};

/** The part of the file interface that the parser uses. */
function handleOf(input: Buffer): FileHandle {
  const stat = async () => ({ size: input.length });
  const read = async (buffer: Buffer, offset: number, length: number, position: number) => ({
    bytesRead: input.copy(buffer, offset, position, Math.min(position + length, input.length)),
    buffer,
  });
  return { stat, read } as unknown as FileHandle;
}

const paragraphs: Target = {
  name: "deb822",
  seeds: [
    "Package: a\nVersion: 1\nDescription: one\n two\n .\n\nPackage: b\n# comment\nField:\n x\n",
    "Types: deb\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n x\n",
    "A:b\nC :d \n\t\n\n\nE: f",
  ],
  words: ["\n ", "\n.", "\n\n", ": ", "Package:", "#", "\t", "\r\n", " .\n", "::", "-----BEGIN PGP SIGNED MESSAGE-----\n"],
  limit: 8192,
  run: (input) => {
    const text = textOf(input);
    const read = parseParagraphs(text, "it");
    const written = read.map(formatParagraph).join("\n");
    expect(mustRead(written, () => parseParagraphs(written, "it"))).to.deep.equal(read);
    for (const file of ["x.sources", "x.list"]) parseSourcesFile(file, text);
  },
};

const debIndex: Target = {
  name: "deb-index",
  seeds: [
    "Package: a\nVersion: 1:2.0-1\nArchitecture: amd64\nDepends: b (>= 1.0) | c:any, d [amd64] <!nocheck>\nProvides: v (= 1), w\nFilename: p/a.deb\nSize: 1\nSHA256: x\n\nPackage: b\nVersion: 2\n",
    "\n\nPackage: z\nProvides: v\n",
  ],
  words: [
    "Package: ",
    "Version: ",
    "Provides: ",
    "Depends: ",
    " | ",
    " (>= 1)",
    "(<< ",
    ":any",
    " [amd64]",
    " <!nocheck>",
    ",",
    "\n\n",
    "\r",
    "\0",
  ],
  limit: 8192,
  run: (input) => {
    const index = PackageIndex.scan(input, "it");
    const table = index.encode();
    const source = { size: input.length, read: (offset: number, length: number) => input.subarray(offset, offset + length) };
    const again = mustRead("the table", () => PackageIndex.decode(table, source, "it"));
    expect([...again.names()]).to.deep.equal([...index.names()]);
    for (const name of index.names()) {
      expect(index.has(name)).to.equal(true);
      index.mention(name);
      for (const stanza of index.stanzas(name)) {
        for (const paragraph of parseParagraphs(stanza, "it")) {
          parseDependencies(paragraph.get("Depends") ?? "", "it", "amd64");
          parseProvides(paragraph.get("Provides") ?? "", "it");
        }
      }
    }
    for (const name of index.provided()) index.providers(name);
  },
};

const apkIndex: Target = {
  name: "apkindex",
  seeds: [
    "C:Q1w2Y5m3nQXGkQkMh0eSkIrIj5Tqw=\nP:a\nV:1.2.3-r4\nA:x86_64\nS:100\nI:200\nT:it\nL:MIT\no:a\nD:b>=1 !c so:libc.musl-x86_64.so.1\np:cmd:a=1 so:liba.so.1=1\ni:b d\nk:10\n\n",
    "P:b\nV:1_alpha1-r0\nA:noarch\nC:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nS:1\nI:1\n\nP:b\nV:2\n",
  ],
  words: ["P:", "V:", "C:Q1", "D:", "p:", "i:", "k:", "r:", ">=", "><", "~", "!", "@tag", "so:", "\n\n", "_alpha", "-r1"],
  limit: 8192,
  run: (input) => {
    const text = input.toString("latin1");
    const index = new ApkIndex([{ text, repository: madeRepository(0), what: "it" }]);
    for (const name of index.names()) {
      for (const found of index.named(name)) expect(found.name).to.equal(name);
      expect(index.candidates(name).length).to.be.above(0);
    }
    for (const name of index.provided()) expect(index.providers(name).length).to.be.above(0);
    index.installedWith("b");
  },
};

const shell: Target = {
  name: "shell",
  seeds: [
    'set -e\nif [ "$1" = configure ] && [ -z "$2" ]; then act "$1" ${2:-d} ${1#*f}; elif yes; then say x | cat; else exit 1; fi\n',
    'case "$1" in\n a*|b) act 1;;\n *) for i in 1 "2 3" /d/*; do act $i; done;;\nesac\n',
    "f() { local a=$1; while read -r x y; do act $x; done; return 1; }\ncat <<E | f\na $1 `say b` $(say c)\nE\nf <<'E' >/out 2>&1\nx\nE\n",
    "x=$((1 + 2 * (3 - $#))); set -- a 'b c' \"$@\"; shift; until no; do break; done; { act; } ; ( act ) & ! yes || act\n",
    "say 'a b' | grep -q '^a.*b$' | sed -e 's/a/b/g'; . /lib.sh; eval \"act $x\"; trap 'act' EXIT\n",
  ],
  words: [
    "$(",
    "`",
    "${",
    "}",
    "<<E\n",
    "\nE\n",
    "if ",
    "; then ",
    "; fi",
    "case x in ",
    "esac",
    ";;",
    "for i in ",
    "; do ",
    "done",
    "$((",
    "))",
    "||",
    "&&",
    "|",
    "f() {",
    "\\\n",
    '"',
    "'",
    "eval ",
    ". /lib.sh",
  ],
  limit: 4096,
  run: (input) => new ShellReader(host, ["configure", ""], { ROOT: "" }).read(textOf(input)),
};

const files: Readonly<Record<string, string>> = {
  "/lib.sh": "act sourced $1\n",
  "/bin/prog": "#!/bin/sh\nprog $0 $1\n",
  "/list": "a b\nc\n",
};
const host: ScriptHost = {
  command: (name) =>
    ({
      act: () => ({ status: 0 }),
      say: (args: readonly string[]) => ({ status: 0, output: `${args.join(" ")}\n` }),
      cat: (_: readonly string[], text?: string) => (text === undefined ? undefined : { status: 0, output: text }),
      yes: () => ({ status: 0 }),
      no: () => ({ status: 1 }),
      "[": (args: readonly string[]) => ({ status: args[1] === "=" ? (args[0] === args[2] ? 0 : 1) : undefined }),
    })[name],
  isHarmless: ([name]) => name === "look",
  glob: (pattern) => (pattern === "/d/*" ? ["/d/a", "/d/b"] : []),
  isThere: (path) => path !== "/gone",
  readFile: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
  script: (name) => (name === "prog" ? files["/bin/prog"] : undefined),
  writeFile: () => true,
  unread: () => undefined,
};

export const packageTargets: readonly Target[] = [ar, paragraphs, debIndex, apkIndex, shell];
