import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { openCache } from "../../../provider/cache/open.js";
import { digestOf } from "../../../provider/image/digest.js";
import { Alpine } from "../../../provider/packages/apk/alpine.js";
import { listAlpine } from "../../../provider/packages/apk/resolve/list.js";
import { ApkIndex } from "../../../provider/packages/apk/archive/package-index.js";
import type { FamilyRequest } from "../../../provider/packages/family.js";
import type { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { buildApk, buildApkRepository, makeApkKey } from "../../support/archives/apk.js";
import { expect, expectThat } from "../../support/expectations.js";
import { treeOf } from "../root/base-tree.js";
import { fetcher, serve } from "../fetch/fetching.js";
import { userHosts } from "../../../provider/packages/fetch/hosts.js";
import { served, type Served } from "./archive/served.js";

const key = makeApkKey();
const repository = () =>
  buildApkRepository(
    [
      { name: "thing", fields: { D: "library>=2", p: "cmd:thing=1.0-r0" }, files: [{ name: "usr/bin/thing", data: "program" }] },
      { name: "library", version: "2.0-r0", files: [{ name: "usr/lib/library.so", data: "library" }] },
      { name: "library", version: "1.0-r0" },
      { name: "musl", version: "1.2.5-r0" },
    ],
    { key },
  );

/** As apk writes it for a package without files. */
const installed = `${buildApk({ name: "musl", version: "1.2.4-r0" }).stanza}F:lib\n\n`;

function baseOf(folder: string): FileTree {
  return treeOf({
    "etc/os-release": "ID=alpine\nVERSION_ID=3.19.4\n",
    "etc/apk/world": "musl\n",
    "etc/apk/keys/tests.rsa.pub": key.publicKey,
    [`${folder}/installed`]: installed,
  });
}

interface Opened {
  readonly directory: string;
  readonly open: () => Alpine;
  readonly request: FamilyRequest;
}

function openFor({ url }: Served, base: FileTree | undefined): Opened {
  const made = fetcher();
  const cache = openCache({ directory: made.directory });
  return {
    directory: made.directory,
    open: () =>
      new Alpine({
        cache,
        fetcher: made,
        configured: { "alpine:3.19": [{ url, ...(base === undefined ? { keys: [key.publicKey] } : {}) }] },
      }),
    request: {
      distribution: { family: "alpine", release: "3.19" },
      base,
      architecture: "amd64",
      requests: [{ name: "thing", property: "packages[0]" }],
      sources: [],
      assumeInstalled: [],
    },
  };
}

/** Paths of the files of a folder of a cache. */
function pathsBelow(directory: string, kind: string): readonly string[] {
  return readdirSync(join(directory, kind), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

describe("packages of Alpine", () => {
  for (const [what, base] of [
    ["a base", baseOf("lib/apk/db")],
    ["a base whose database is below /usr, as distroless ones have it", baseOf("usr/lib/apk/db")],
    ["nothing", undefined],
  ] as const)
    it(`are resolved and unpacked for ${what}`, async () => {
      const archive = await served(repository());
      const { open, request, directory } = openFor(archive, base);
      const family = open();
      const { added, archives, notices } = await family.resolve(request);
      expect(added.map(({ name, version, requested }) => [name, version, requested])).to.deep.equal([
        ["library", "2.0-r0", false],
        ["thing", "1.0-r0", true],
      ]);
      expect(notices).to.deep.equal([]);
      expect(archives.map(({ url, origin }) => [url, origin])).to.deep.equal([[`${archive.url}/x86_64`, "stack config"]]);
      const [, thing] = await Promise.all(added.map((one) => family.unpack(one)));
      expectThat(thing);
      const [entry] = thing.entries;
      expectThat(entry !== undefined && "node" in entry && entry.node.content?.from === "layer");
      const [extent] = entry.node.content.extents;
      const tar = readFileSync(await family.payloadTar(thing));
      expect(tar.toString("latin1", extent?.position, (extent?.position ?? 0) + (extent?.length ?? 0))).to.equal("program");
      expect(entry.node.content.digest).to.equal(digestOf("program"));
      // Another operation finds all of it in the cache.
      archive.sent.length = 0;
      const again = open();
      const known = await again.resolve(request);
      const second = await again.unpack(known.added[1] ?? expect.fail());
      expect({ ...second, package: undefined }).to.deep.equal({ ...thing, package: undefined });
      expect(archive.sent.every(([path]) => path.endsWith("APKINDEX.tar.gz"))).to.equal(true);
      // Missing or damaged records are rebuilt.
      rmSync(join(directory, "package-tars"), { recursive: true });
      expect(readFileSync(await again.payloadTar(second)).equals(tar)).to.equal(true);
      const records = join(directory, "package-records");
      rmSync(records, { recursive: true });
      expect({ ...(await open().unpack(thing.package)), package: undefined }).to.deep.equal({ ...thing, package: undefined });
    });

  it("are unpacked again if their record is damaged, and rejected and removed from the cache if their file is", async () => {
    const archive = await served(repository());
    const { open, request, directory } = openFor(archive, baseOf("lib/apk/db"));
    const { added } = await open().resolve(request);
    const thing = added[1] ?? expect.fail();
    const { entries } = await open().unpack(thing);
    const [record, file] = ["package-records", "package-files"].map((kind) => pathsBelow(directory, kind));
    truncateSync(record?.[0] ?? "", 10);
    expect((await open().unpack(thing)).entries).to.deep.equal(entries);
    truncateSync(record?.[0] ?? "", 10);
    const bytes = readFileSync(file?.[0] ?? "");
    bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
    writeFileSync(file?.[0] ?? "", bytes);
    await expect(open().unpack(thing)).to.be.rejectedWithError({ origin: "packages", message: /^package thing-1.0-r0: / });
    expect((await open().unpack(thing)).entries, "it is downloaded again").to.deep.equal(entries);
  });

  it("are listed: the newest version of each name, and the base's packages", async () => {
    const { open, request } = openFor(await served(repository()), baseOf("lib/apk/db"));
    const listed = await open().list(request);
    expect(listed.map(({ name, version, installed: has }) => `${name} ${version}${has ? " installed" : ""}`)).to.deep.equal([
      "library 2.0-r0",
      "musl 1.2.4-r0 installed",
      "thing 1.0-r0",
    ]);
    expect(listed[0]?.description).to.equal("package library");
    expect(listed.map(({ size }) => size > 0)).to.deep.equal([true, false, true]);
  });

  it("are listed without tagged repositories and without damaged stanzas", () => {
    const source = { url: "", suites: [], components: [], keys: [], allowUnsigned: false, origin: "base" } as const;
    const part = (tag: string | undefined, ...stanzas: readonly string[]) => ({
      text: stanzas.join("\n"),
      what: "index",
      repository: { url: `http://a.example/${tag ?? ""}`, tag, source },
    });
    const stanza = (name: string, version: string): string => buildApk({ name, version }).stanza;
    const index = new ApkIndex([
      part(
        undefined,
        stanza("a", "1.9-r0"),
        stanza("a", "1.10-r0"),
        stanza("bad", "abc"),
        stanza("bell", "1").replace("package bell", "\u0007"),
      ),
      part("edge", stanza("a", "2.0-r0"), stanza("new", "1.0-r0")),
    ]);
    expect(listAlpine({ installed: [], index }).map(({ name, version }) => `${name} ${version}`)).to.deep.equal(["a 1.10-r0"]);
  });

  it("come from the base's own repositories, with its keys, its logins and its tags", async () => {
    const edge = buildApkRepository([{ name: "thing", version: "9.0-r0", files: [{ name: "usr/bin/thing", data: "newest" }] }], { key });
    const asked: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      asked.push(request.headers.authorization);
      const [, branch, path] = /^\/(v3\.19|edge)\/main\/(.+)$/.exec(request.url ?? "") ?? [];
      const bytes = (branch === "edge" ? edge : repository()).get(path ?? "");
      if (request.headers.authorization === undefined) response.writeHead(401, { "www-authenticate": 'Basic realm="own"' }).end();
      else if (bytes === undefined) response.writeHead(404).end();
      else response.end(bytes);
    });
    const place = url.replace("http://", "http://me:secret-word@");
    const base = treeOf({
      "etc/apk/repositories": `${place}/v3.19/main\n@edge ${place}/edge/main\n`,
      "etc/apk/keys/tests.rsa.pub": key.publicKey,
      "lib/apk/db/installed": installed,
    });
    const made = fetcher({ userHosts: userHosts({ listed: [new URL(url).host] }) });
    const family = new Alpine({ cache: openCache({ directory: made.directory }), fetcher: made, configured: {} });
    const { request } = openFor({ url } as Served, base);
    const plain = await family.resolve(request);
    expect(plain.added.map(({ version }) => version)).to.deep.equal(["2.0-r0", "1.0-r0"]);
    const { added, archives } = await family.resolve({ ...request, requests: [{ name: "thing", tag: "edge", property: "packages[0]" }] });
    expect(added.map(({ name, version, payload }) => [name, version, payload.url])).to.deep.equal([
      ["thing", "9.0-r0", `${url}/edge/main/x86_64/thing-9.0-r0.apk`],
    ]);
    expect((await family.unpack(added[0] ?? expect.fail())).entries.length).to.equal(1);
    expect([...new Set(asked)]).to.deep.equal([`Basic ${Buffer.from("me:secret-word").toString("base64")}`]);
    expect(JSON.stringify({ added, archives })).to.not.include("secret-word");
  });

  it("are checked for changes once per operation", async () => {
    const archive = await served(repository());
    const { open, request } = openFor(archive, baseOf("lib/apk/db"));
    const {
      archives: [used],
    } = await open().resolve(request);
    expectThat(used);
    archive.sent.length = 0;
    const family = open();
    expect(await Promise.all([1, 2, 3].map(() => family.isUnchanged(used)))).to.deep.equal([true, true, true]);
    expect(archive.sent.length).to.equal(1);
    family.close();
  });

  it("are errors of packages for an architecture that Alpine lacks, and for unknown names", async () => {
    const { open, request } = openFor(await served(repository()), baseOf("lib/apk/db"));
    await expect(open().resolve({ ...request, architecture: "mips" })).to.be.rejectedWithError({ code: "invalid", origin: "packages" });
    await expect(open().resolve({ ...request, requests: [{ name: "thin", property: "packages[0]" }] })).to.be.rejectedWithError({
      code: "not-found",
      origin: "packages",
      property: "packages[0]",
    });
  });
});
