import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { it } from "mocha";
import type { ApkRepository } from "../../../../provider/packages/apk/formats/apk-package.js";
import { formatDependency } from "../../../../provider/packages/apk/formats/dependency.js";
import { ApkIndex } from "../../../../provider/packages/apk/archive/package-index.js";
import { parseStanza, splitStanzas } from "../../../../provider/packages/apk/formats/package-stanza.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { testUnless } from "../../../support/skips.js";
import { alpine, withoutAlpine } from "../install/alpine-root.js";

const repository = (url: string): ApkRepository => ({
  url,
  tag: undefined,
  source: { url, suites: [], components: [], keys: [], allowUnsigned: false, origin: "public" },
});
const main = repository("http://a.example/main");
const other = repository("http://a.example/other");

const stanza = (name: string, version: string, checksum: string, more = ""): string =>
  `C:Q1${checksum.repeat(27)}=\nP:${name}\nV:${version}\nA:x86_64\nS:10\nI:20\nT:about\n${more}`;

const text = [
  stanza("a", "1.0-r0", "A", "D:b>1 !c\np:a-api=3 cmd:a=1.0-r0\nk:7\n"),
  stanza("a", "1.1-r0", "B"),
  stanza("a-doc", "1.0-r0", "C", "i:docs a=1.0-r0\nr:old<2\nq:3\n"),
].join("\n");

it("packages are found by name, by what they provide and by install_if", () => {
  const index = new ApkIndex([{ text, repository: main, what: "index" }]);
  expect([...index.names()]).to.deep.equal(["a", "a-doc"]);
  expect(index.named("a").map(({ version }) => version)).to.deep.equal(["1.0-r0", "1.1-r0"]);
  const [first] = index.providers("a-api");
  expectThat(first);
  expect(first).to.equal(index.named("a")[0]);
  expect(first.depends.map(formatDependency)).to.deep.equal(["b>1", "!c"]);
  expect(first.providerPriority).to.equal(7);
  expect(first.size).to.equal(10);
  expect(first.repositories).to.deep.equal([main]);
  expect(first.stanza).to.equal(stanza("a", "1.0-r0", "A", "D:b>1 !c\np:a-api=3 cmd:a=1.0-r0\nk:7"));
  for (const trigger of ["docs", "a"]) expect(index.installedWith(trigger).map(({ name }) => name)).to.deep.equal(["a-doc"]);
  expect(index.installedWith("a")[0]?.replaces.map(formatDependency)).to.deep.equal(["old<2"]);
  expect(index.installedWith("a")[0]?.replacesPriority).to.equal(3);
  expect([index.named("b"), index.providers("a"), index.installedWith("b")]).to.deep.equal([[], [], []]);
});

it("a package that two repositories have is one package; another file of the same version is a second one", () => {
  const index = new ApkIndex([
    { text: stanza("a", "1", "A"), repository: main, what: "one" },
    { text: `${stanza("a", "1", "A")}\n${stanza("a", "1", "B")}`, repository: other, what: "two" },
  ]);
  expect(index.named("a").map(({ repositories }) => repositories)).to.deep.equal([[main, other], [other]]);
});

const damaged = [
  ["P:a\nV:1\nC:Q1x=\n", /checksum/],
  [stanza("a", "abc", "A"), /version "abc"/],
  [stanza("../a", "1", "A"), /not a valid package name/],
  [stanza("a", "1/../../b", "A"), /version/],
  [stanza("a", "1", "A", "T:bell\u0007\n"), /control character/],
  [stanza("a", "1", "A").replace("S:10", "S:-1"), /field S/],
  [stanza("a", "1", "A").replace("A:x86_64", "A:../x"), /architecture/],
  [stanza("a", "1", "A", "D:b=\n"), /field D: "b=" is not a valid dependency/],
  [stanza("a", "1", "A", "nonsense\n"), /not a valid field/],
] as const;

for (const [bad, message] of damaged)
  it(`a stanza is rejected: ${message.source}`, () => {
    expect(() => parseStanza(bad, "the index of x")).to.throwError({
      code: "invalid",
      message: new RegExp(`^the index of x: .*${message.source}`),
    });
  });

it("an index with a stanza that has no name, or is too long, is rejected when it is read", () => {
  const read = (bad: string): ApkIndex => new ApkIndex([{ text: bad, repository: main, what: "index" }]);
  expect(() => read(`${text}\nV:1\n`)).to.throwError({ code: "invalid", message: /has no package name/ });
  expect(() => read(`P:a\nT:${"x".repeat(1024 * 1024)}`)).to.throwError({ code: "limit" });
});

it(
  "Alpine's own index is read whole",
  testUnless(withoutAlpine, () => {
    const file = join(alpine ?? "", "main/x86_64/APKINDEX.tar.gz");
    const own = spawnSync("tar", ["-xzOf", file, "APKINDEX"], { encoding: "latin1", maxBuffer: 2 ** 26 }).stdout;
    const index = new ApkIndex([{ text: own, repository: main, what: file }]);
    const all = [...index.names()].flatMap((name) => index.named(name));
    expect(all.length).to.equal(5443);
    expect(all.map((found) => found.stanza)).to.deep.equal(splitStanzas(own));
    expect(index.providers("so:libcrypto.so.3")[0]?.name).to.equal("libcrypto3");
    expect(index.installedWith("docs").length).to.be.above(1000);
  }),
);
