import { after, before, describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { arArchive } from "../../../support/archives/ar.js";
import { buildArchive, type ArchiveFiles, type SuiteSpec } from "../../../support/archives/archive.js";
import { buildDeb, controlTar, dataTar, pack, type DebPacking } from "../../../support/archives/deb.js";
import { makeKey, type ArchiveKey } from "../../../support/archives/keys.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { startForwardProxy } from "../../../support/registries/forward-proxy.js";
import { serveArchive, type ServedArchive } from "../../../support/archives/serve.js";
import { treeOf } from "../../root/base-tree.js";
import { attempt, type Attempt } from "../resolve/attempt.js";

let key: ArchiveKey;
before(async () => {
  key = await makeKey("archive");
});
const served: ServedArchive[] = [];
after(() => Promise.all(served.map(({ stop }) => stop())));

async function serve(files: ArchiveFiles): Promise<ServedArchive> {
  const archive = await serveArchive(files);
  served.push(archive);
  return archive;
}

const tool = { name: "tool", files: [{ name: "usr/bin/tool", data: "program" }] };
const build = (spec: Partial<SuiteSpec> = {}): Promise<ArchiveFiles> =>
  buildArchive([{ suite: "bookworm", packages: { main: [tool] }, keys: [key], ...spec }]);

/** Packed as two parts, one behind the other. */
function inTwo(bytes: Buffer, form: DebPacking): Buffer {
  const half = Math.floor(bytes.length / 2);
  return Buffer.concat([pack(bytes.subarray(0, half), form), pack(bytes.subarray(half), form)]);
}

function check({ packages }: Attempt): void {
  expect(packages.map(({ package: { name, version } }) => `${name} ${version}`)).to.deep.equal(["tool 1.0-1"]);
  expect(packages[0]?.entries.some(({ path }) => path === "usr/bin/tool")).to.equal(true);
}

describe("a package is added from an archive", () => {
  for (const form of ["", ".gz", ".xz", ".zst"] as const satisfies readonly DebPacking[]) {
    it(`whose index and members are packed as ${form === "" ? "they are" : form}`, async () => {
      check(await attempt(await build({ indexes: [form], packages: { main: [{ ...tool, packing: form }] } }), { keys: [key.armored] }));
      const unlisted = (text: string): string => text.replace(/ .* main\/binary-amd64\/Packages\n/, "");
      const editRelease = form === "" ? {} : { editRelease: unlisted };
      check(await attempt(await build({ indexes: [form], ...editRelease }), { keys: [key.armored] }));
    });
  }

  it("whose index and members are several gzip members, xz streams or zstd frames", async () => {
    for (const form of [".gz", ".xz", ".zst"] as const) {
      const packIndex = (bytes: Buffer): Buffer => inTwo(bytes, form);
      const raw = arArchive([
        ["debian-binary", Buffer.from("2.0\n")],
        [`control.tar${form}`, inTwo(controlTar(tool), form)],
        [`data.tar${form}`, inTwo(dataTar(tool.files), form)],
      ]);
      const packages = { main: [{ name: "aaa" }, { ...tool, raw }] };
      check(await attempt(await build({ indexes: [form], packIndex, packages }), { keys: [key.armored] }));
    }
  });

  it("signed apart, where there is no InRelease", async () => {
    const files = await build({ signature: "detached" });
    expect(files.has("dists/bookworm/InRelease")).to.equal(false);
    check(await attempt(files, { keys: [key.armored] }));
  });

  for (const folder of ["./", "deb/"]) {
    it(`that is flat, at ${folder}, and its release file says not even its name`, async () => {
      const prefix = folder.replace("./", "");
      check(await attempt(await flat(prefix), { keys: [key.armored], source: { suites: [folder] } }));
    });
  }

  it("must name its suite below dists", async () => {
    const files = build({ editRelease: (text) => text.replace(/^(?:Suite|Codename): .*\n/gm, "") });
    await expect(attempt(await files, { keys: [key.armored] })).to.be.rejectedWithError({
      code: "invalid",
      message: /neither Suite nor Codename/,
    });
  });
});

/** A flat archive, as `apt-ftparchive release` makes one: everything in a folder. */
async function flat(prefix: string): Promise<ArchiveFiles> {
  const files = await build({ indexes: [""], architectures: ["amd64"] });
  const packages = String(files.get("dists/bookworm/main/binary-amd64/Packages")).replace(/Filename: .*/, `Filename: ${prefix}tool.deb`);
  const { sha256 } = await import("../../../support/archives/archive.js");
  const { clearSign } = await import("../../../support/archives/keys.js");
  const text = `Date: ${new Date().toUTCString()}\nSHA256:\n ${sha256(Buffer.from(packages))} ${packages.length} Packages\n`;
  return new Map([
    [`${prefix}InRelease`, Buffer.from(await clearSign(text, [key]))],
    [`${prefix}Packages`, Buffer.from(packages)],
    [`${prefix}tool.deb`, buildDeb(tool)],
  ]);
}

describe("the base's own sources", () => {
  const inline = (armored: string): string =>
    armored
      .trim()
      .split(/\r?\n/)
      .map((line) => ` ${line === "" ? "." : line}`)
      .join("\n");

  it("are reported where only the base names their host", async () => {
    const { url } = await serve(await build());
    const proxy = await startForwardProxy({ route: () => new URL(url).host });
    try {
      const line = "deb http://archive.example/debian bookworm main\n";
      const base = treeOf({ "etc/apt/sources.list": line, "etc/apt/trusted.gpg.d/a.asc": key.armored });
      const { resolution } = await attempt(new Map(), { keys: [], base, env: { HTTP_PROXY: proxy.url } });
      expect(resolution.notices).to.deep.equal([
        {
          kind: "base-archive",
          message: "packages come from archive.example, which only the base names: list it in dhi:packageHosts if that is intended",
        },
      ]);
    } finally {
      await proxy.stop();
    }
  });

  it("are used with a key that they contain, name, or trust", async () => {
    const { url } = await serve(await build());
    const deb822 = `Types: deb\nURIs: ${url}\nSuites: bookworm\nComponents: main\n`;
    for (const base of [
      { "etc/apt/sources.list.d/a.sources": `${deb822}Signed-By:\n${inline(key.armored)}\n` },
      { "etc/apt/sources.list.d/a.sources": `${deb822}Signed-By: /usr/share/keyrings/a.asc\n`, "usr/share/keyrings/a.asc": key.armored },
      { "etc/apt/sources.list": `deb [signed-by=/etc/apt/keyrings/a.asc] ${url} bookworm main\n`, "etc/apt/keyrings/a.asc": key.armored },
      { "etc/apt/sources.list": `deb ${url} bookworm main\n`, "etc/apt/trusted.gpg.d/a.asc": key.armored },
    ])
      check(await attempt(new Map(), { keys: [], base: treeOf(base) }));
  });

  it("are rejected if another key signed them", async () => {
    const { url } = await serve(await build());
    const other = await makeKey("other");
    const base = treeOf({
      "etc/apt/sources.list": `deb [signed-by=/etc/apt/keyrings/a.asc] ${url} bookworm main\n`,
      "etc/apt/keyrings/a.asc": other.armored,
      // What the base trusts elsewhere is not for this source.
      "etc/apt/trusted.gpg.d/b.asc": key.armored,
    });
    await expect(attempt(new Map(), { keys: [], base })).to.be.rejectedWithError({ code: "invalid", message: /none of the trusted keys/ });
  });

  it("may be past their Valid-Until where they say so", async () => {
    const { url } = await serve(await build({ date: new Date("2026-01-01"), validUntil: new Date("2026-01-08") }));
    const list = (option: string): ReturnType<typeof treeOf> =>
      treeOf({ "etc/apt/sources.list": `deb${option} ${url} bookworm main\n`, "etc/apt/trusted.gpg.d/a.asc": key.armored });
    await expect(attempt(new Map(), { keys: [], base: list("") })).to.be.rejectedWithError({
      code: "invalid",
      message: /expired at 2026-01-08/,
    });
    const found = await attempt(new Map(), { keys: [], base: list(" [check-valid-until=no]") });
    check(found);
    expect(found.resolution.notices[0]?.message ?? "").to.match(/Check-Valid-Until of the base's sources permits it/);
  });
});

describe("a mirror in the middle of an update", () => {
  const half = async (change: (files: ArchiveFiles, next: ArchiveFiles) => void): Promise<ArchiveFiles> => {
    const [files, next] = await Promise.all([build(), build({ packages: { main: [tool, { name: "new" }] } })]);
    for (const path of [...files.keys()].filter((path) => path.includes("by-hash"))) files.delete(path);
    change(files, next);
    return files;
  };
  const refuse = async (files: ArchiveFiles): Promise<void> => {
    for (const url of [undefined, (await serve(files)).url])
      await expect(attempt(files, { keys: [key.armored], ...(url === undefined ? {} : { source: { url } }) })).to.be.rejectedWithError(
        (thrown) => {
          expectThat(thrown instanceof DhiError, String(thrown));
          expect([thrown.code, thrown.origin]).to.deep.equal(["mismatch", "packages"]);
          expect(thrown.message).to.match(/Packages\.gz|tool_1\.0-1_amd64\.deb/);
          expect(thrown.hint ?? "").to.match(/being updated.*try again later/);
          return true;
        },
      );
  };

  it("is reported as such: the new index with the old release file is a mismatch", async () => {
    const path = "dists/bookworm/main/binary-amd64/Packages.gz";
    await refuse(await half((files, next) => files.set(path, next.get(path) ?? Buffer.alloc(0))));
  });

  it("is reported as such for a replaced package too", async () => {
    const path = "pool/main/tool_1.0-1_amd64.deb";
    await refuse(await half((files) => files.set(path, Buffer.from("the next one"))));
  });

  it("does no harm where it keeps files by hash", async () => {
    const files = await build();
    files.set("dists/bookworm/main/binary-amd64/Packages.gz", Buffer.from("the next one"));
    check(await attempt(files, { keys: [key.armored] }));
  });
});
