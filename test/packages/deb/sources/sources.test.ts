import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { shippedKeys } from "../../../../provider/packages/deb/keyrings/keyrings.js";
import { findSources, type FoundSources, type SourcesRequest } from "../../../../provider/packages/deb/sources/sources.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { treeOf } from "../../root/base-tree.js";

const root = mkdtempSync(join(tmpdir(), "dhi-sources-"));
after(() => {
  rmSync(root, { recursive: true });
});

const bookworm = { family: "debian", release: "bookworm" } as const;
const shipped = shippedKeys.map(({ armored }) => armored);
let machines = 0;

/** An apt folder of a machine, by file below it. */
function machine(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String((machines += 1)));
  mkdirSync(join(folder, "sources.list.d"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const nowhere = join(root, "no-apt");
const find = (request: Partial<SourcesRequest>): Promise<FoundSources> =>
  findSources({ distribution: bookworm, aptDirectory: nowhere, ...request });
const places = ({ sources }: FoundSources): readonly string[] =>
  sources.map(({ url, suites, origin }) => `${origin} ${url} ${suites.join(" ")}`);

const base = { "etc/apt/sources.list": "deb http://base.example/debian bookworm main\n" };

describe("where packages come from", () => {
  it("is packageSources before all else, with defaults", async () => {
    const found = await find({
      declared: [{ url: "https://own.example/debian/" }, { url: "https://other.example/apt", suites: ["./"], keys: ["KEY"] }],
      configured: { "debian:bookworm": [{ url: "https://stack.example/debian" }] },
      base: treeOf(base),
    });
    expect(places(found)).to.deep.equal([
      "packageSources https://own.example/debian bookworm",
      "packageSources https://other.example/apt ./",
    ]);
    expect(found.sources[0]?.components).to.deep.equal(["main"]);
    expectThat(found.sources[0] !== undefined);
    expect(found.sources[0].keys).to.deep.equal(shipped);
    expect(found.sources[1]?.components).to.deep.equal([]);
    expectThat(found.sources[1] !== undefined);
    expect(found.sources[1].keys).to.deep.equal(["KEY"]);
  });

  it("is stack config next, for the distribution alone, with its login kept apart", async () => {
    const configured = {
      "debian:trixie": [{ url: "https://trixie.example/debian" }],
      "debian:bookworm": [{ url: "https://user:geheim@stack.example/debian", suites: ["bookworm", "bookworm-updates"] }],
    };
    const found = await find({ configured, base: treeOf(base) });
    expect(places(found)).to.deep.equal(["stack config https://stack.example/debian bookworm bookworm-updates"]);
    expect([found.logins[0]?.host, found.logins[0]?.password]).to.deep.equal(["stack.example", "geheim"]);
    expect(JSON.stringify(found.sources)).to.not.include("geheim");
  });

  it("is what the base has next", async () => {
    expect(places(await find({ base: treeOf(base) }))).to.deep.equal(["base http://base.example/debian bookworm"]);
  });

  it("is Debian's own archive in the end", async () => {
    const expected = [
      "public http://ftp.debian.org/debian bookworm bookworm-updates",
      "public http://security.debian.org/debian-security bookworm-security",
    ];
    expect(places(await find({}))).to.deep.equal(expected);
    expect(places(await find({ base: treeOf({ "etc/passwd": "" }) }))).to.deep.equal(expected);
    expect(places(await find({ distribution: { family: "debian", release: "sid" } }))).to.deep.equal([
      "public http://ftp.debian.org/debian sid",
    ]);
  });

  it("rejects an invalid URL of stack config, without showing secrets in it", async () => {
    for (const url of [
      "ftp://user:geheim@a.example/",
      "https://a.example/debian?token=geheim",
      "https://user:geheim@[x/debian",
      "https://a.example/#geheim",
    ])
      await expect(find({ configured: { "debian:bookworm": [{ url }] } })).to.be.rejectedWithError((thrown) => {
        expectThat(thrown instanceof DhiError);
        expect([thrown.code, thrown.property]).to.deep.equal(["invalid", 'dhi:packageSources["debian:bookworm"][0].url']);
        expect(thrown.describe(), thrown.describe()).to.not.include("geheim");
        return true;
      });
  });

  for (const [source, message] of [
    [{ url: "https://a.example/", suites: ["../x"] }, /"\.\.\/x" is not a valid suite/],
    [{ url: "https://a.example/", suites: ["x/"], components: ["main"] }, /cannot be used with components/],
    [{ url: "https://a.example/", suites: ["x"], components: [] }, /cannot be used without components/],
    [{ url: "https://a.example/", components: ["a b"] }, /"a b" is not a valid component/],
  ] as const) {
    it(`rejects ${JSON.stringify(source)}`, async () => {
      await expect(find({ declared: [source] })).to.be.rejectedWithError({ code: "invalid", property: "packageSources[0]", message });
    });
  }
});

describe("the base's own sources", () => {
  it("come with the keys that they name, links followed", async () => {
    const tree = treeOf({
      "etc/apt/sources.list.d/a.sources":
        "Types: deb\nURIs: https://user:geheim@a.example/debian\nSuites: s\nComponents: main\nSigned-By: /usr/share/keyrings/a.gpg\n",
      "etc/apt/sources.list.d/b.list": "deb [signed-by=/usr/share/keyrings/missing.gpg] https://b.example/debian s main",
      "etc/apt/sources.list.d/c.list.bak": "deb https://c.example/debian s main",
      "usr/share/keyrings/a.gpg": "-> a.pgp",
      "usr/share/keyrings/a.pgp": "bytes of a",
    });
    const { sources, logins } = await find({ base: tree });
    expect(sources.map(({ url, keys }) => [url, keys.map(String)])).to.deep.equal([
      ["https://a.example/debian", ["bytes of a"]],
      ["https://b.example/debian", []],
    ]);
    expect(logins[0]?.username).to.equal("user");
  });

  it("trust what apt trusts, and for Debian itself the shipped keys if that is nothing", async () => {
    const list = "deb http://a.example/debian bookworm main\ndeb [trusted=yes] http://b.example/x stuff main\n";
    const trusted = treeOf({ "etc/apt/sources.list": list, "etc/apt/trusted.gpg.d/x.asc": "armor", "etc/apt/trusted.gpg.d/y.txt": "no" });
    for (const { keys, allowUnsigned } of (await find({ base: trusted })).sources) {
      expect(keys.map(String)).to.deep.equal(["armor"]);
      expect(allowUnsigned).to.equal(false);
    }
    const bare = await find({ base: treeOf({ "etc/apt/sources.list": list }) });
    expect(bare.sources.map(({ keys }) => keys.length)).to.deep.equal([shipped.length, 0]);
  });

  it("never read the disk of this machine", async () => {
    const found = await find({ base: treeOf({ "etc/apt/sources.list": "deb file:/etc bookworm main\n" }) });
    expect(found.sources[0]?.origin).to.equal("public");
  });

  it("keep fingerprints and architectures", async () => {
    const fingerprint = "A".repeat(40);
    const tree = treeOf({ "etc/apt/sources.list": `deb [arch=amd64 signed-by=${fingerprint}] http://a.example/x stuff main\n` });
    const [source] = (await find({ base: tree })).sources;
    expect([source?.fingerprints, source?.architectures]).to.deep.equal([[fingerprint], ["amd64"]]);
  });
});

describe("the machine's mirror", () => {
  const keyring = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";

  it("replaces the public archive, whatever components and suites the machine has", async () => {
    const aptDirectory = machine({
      "sources.list": `deb ${keyring} http://mirror.example/debian bookworm main non-free\ndeb http://mirror.example/debian-security bookworm-security main\n`,
    });
    const found = await find({ aptDirectory });
    expect(places(found)).to.deep.equal([
      "machine http://mirror.example/debian bookworm bookworm-updates",
      "machine http://mirror.example/debian-security bookworm-security",
    ]);
    for (const { components, keys } of found.sources) expect([components, keys]).to.deep.equal([["main"], shipped]);
  });

  it("serves other releases as well", async () => {
    const aptDirectory = machine({ "sources.list": "deb http://mirror.example/debian stable main\n" });
    expect(places(await find({ aptDirectory, distribution: { family: "debian", release: "trixie" } }))).to.deep.equal([
      "machine http://mirror.example/debian trixie trixie-updates",
      "public http://security.debian.org/debian-security trixie-security",
    ]);
  });

  it("is never a third party's, whatever it calls its suite", async () => {
    const aptDirectory = machine({
      "sources.list": [
        "deb https://docker.example/linux/debian bookworm stable",
        "deb [signed-by=/usr/share/keyrings/sury.gpg] https://php.example bookworm main",
        "deb https://pg.example bookworm-pgdg main",
        "deb http://ubuntu.example/ubuntu noble main",
      ].join("\n"),
    });
    expect((await find({ aptDirectory })).sources[0]?.origin).to.equal("public");
  });

  it("keeps a login of its URL apart", async () => {
    const aptDirectory = machine({ "sources.list": "deb https://u:geheim@mirror.example/debian/ bookworm main\n" });
    const found = await find({ aptDirectory });
    expect(found.sources[0]?.url).to.equal("https://mirror.example/debian");
    expect(found.logins[0]?.password).to.equal("geheim");
  });
});
