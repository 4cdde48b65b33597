import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { DhiError } from "../../../../provider/errors.js";
import { shippedKeys } from "../../../../provider/packages/deb/keyrings/keyrings.js";
import { findSources, type FoundSources, type SourcesRequest } from "../../../../provider/packages/deb/sources/sources.js";
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
    assert.deepEqual(places(found), ["packageSources https://own.example/debian bookworm", "packageSources https://other.example/apt ./"]);
    assert.deepEqual(found.sources[0]?.components, ["main"]);
    assert.deepEqual(found.sources[0].keys, shipped);
    assert.deepEqual(found.sources[1]?.components, []);
    assert.deepEqual(found.sources[1].keys, ["KEY"]);
  });

  it("is stack config next, for the distribution alone, with its login kept apart", async () => {
    const configured = {
      "debian:trixie": [{ url: "https://trixie.example/debian" }],
      "debian:bookworm": [{ url: "https://user:geheim@stack.example/debian", suites: ["bookworm", "bookworm-updates"] }],
    };
    const found = await find({ configured, base: treeOf(base) });
    assert.deepEqual(places(found), ["stack config https://stack.example/debian bookworm bookworm-updates"]);
    assert.deepEqual([found.logins[0]?.host, found.logins[0]?.password], ["stack.example", "geheim"]);
    assert.ok(!JSON.stringify(found.sources).includes("geheim"));
  });

  it("is what the base has next", async () => {
    assert.deepEqual(places(await find({ base: treeOf(base) })), ["base http://base.example/debian bookworm"]);
  });

  it("is Debian's own archive in the end", async () => {
    const expected = [
      "public http://ftp.debian.org/debian bookworm bookworm-updates",
      "public http://security.debian.org/debian-security bookworm-security",
    ];
    assert.deepEqual(places(await find({})), expected);
    assert.deepEqual(places(await find({ base: treeOf({ "etc/passwd": "" }) })), expected);
    assert.deepEqual(places(await find({ distribution: { family: "debian", release: "sid" } })), [
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
      await assert.rejects(find({ configured: { "debian:bookworm": [{ url }] } }), (thrown) => {
        assert.ok(thrown instanceof DhiError);
        assert.deepEqual([thrown.code, thrown.property], ["invalid", 'dhi:packageSources["debian:bookworm"][0].url']);
        assert.ok(!thrown.describe().includes("geheim"), thrown.describe());
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
      await assert.rejects(find({ declared: [source] }), { code: "invalid", property: "packageSources[0]", message });
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
    assert.deepEqual(
      sources.map(({ url, keys }) => [url, keys.map(String)]),
      [
        ["https://a.example/debian", ["bytes of a"]],
        ["https://b.example/debian", []],
      ],
    );
    assert.equal(logins[0]?.username, "user");
  });

  it("trust what apt trusts, and for Debian itself the shipped keys if that is nothing", async () => {
    const list = "deb http://a.example/debian bookworm main\ndeb [trusted=yes] http://b.example/x stuff main\n";
    const trusted = treeOf({ "etc/apt/sources.list": list, "etc/apt/trusted.gpg.d/x.asc": "armor", "etc/apt/trusted.gpg.d/y.txt": "no" });
    for (const { keys, allowUnsigned } of (await find({ base: trusted })).sources) {
      assert.deepEqual(keys.map(String), ["armor"]);
      assert.equal(allowUnsigned, false);
    }
    const bare = await find({ base: treeOf({ "etc/apt/sources.list": list }) });
    assert.deepEqual(
      bare.sources.map(({ keys }) => keys.length),
      [shipped.length, 0],
    );
  });

  it("never read the disk of this machine", async () => {
    const found = await find({ base: treeOf({ "etc/apt/sources.list": "deb file:/etc bookworm main\n" }) });
    assert.equal(found.sources[0]?.origin, "public");
  });

  it("keep fingerprints and architectures", async () => {
    const fingerprint = "A".repeat(40);
    const tree = treeOf({ "etc/apt/sources.list": `deb [arch=amd64 signed-by=${fingerprint}] http://a.example/x stuff main\n` });
    const [source] = (await find({ base: tree })).sources;
    assert.deepEqual([source?.fingerprints, source?.architectures], [[fingerprint], ["amd64"]]);
  });
});

describe("the machine's mirror", () => {
  const keyring = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";

  it("replaces the public archive, whatever components and suites the machine has", async () => {
    const aptDirectory = machine({
      "sources.list": `deb ${keyring} http://mirror.example/debian bookworm main non-free\ndeb http://mirror.example/debian-security bookworm-security main\n`,
    });
    const found = await find({ aptDirectory });
    assert.deepEqual(places(found), [
      "machine http://mirror.example/debian bookworm bookworm-updates",
      "machine http://mirror.example/debian-security bookworm-security",
    ]);
    for (const { components, keys } of found.sources) assert.deepEqual([components, keys], [["main"], shipped]);
  });

  it("serves other releases as well", async () => {
    const aptDirectory = machine({ "sources.list": "deb http://mirror.example/debian stable main\n" });
    assert.deepEqual(places(await find({ aptDirectory, distribution: { family: "debian", release: "trixie" } })), [
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
    assert.equal((await find({ aptDirectory })).sources[0]?.origin, "public");
  });

  it("keeps a login of its URL apart", async () => {
    const aptDirectory = machine({ "sources.list": "deb https://u:geheim@mirror.example/debian/ bookworm main\n" });
    const found = await find({ aptDirectory });
    assert.equal(found.sources[0]?.url, "https://mirror.example/debian");
    assert.equal(found.logins[0]?.password, "geheim");
  });
});
