import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "mocha";
import { apkArchitecture } from "../../../../provider/packages/apk/architecture.js";
import { ownApkKeys } from "../../../../provider/packages/apk/keyrings/keyrings.js";
import { findRepositories, type FoundRepositories, type RepositoriesRequest } from "../../../../provider/packages/apk/sources/sources.js";
import { expect } from "../../../support/expectations.js";
import { treeOf } from "../../root/base-tree.js";

const root = mkdtempSync(join(tmpdir(), "dhi-apk-sources-"));
after(() => {
  rmSync(root, { recursive: true });
});

const distribution = { family: "alpine", release: "3.19" } as const;
const find = (request: Partial<RepositoriesRequest>): Promise<FoundRepositories> =>
  findRepositories({ distribution, architecture: "x86_64", apkDirectory: join(root, "nowhere"), ...request });
const places = ({ repositories }: FoundRepositories): readonly string[] =>
  repositories.map(({ url, tag, source }) => `${source.origin} ${tag === undefined ? "" : `@${tag} `}${url}`);

const repositories = [
  "# the mirror of the company",
  "https://base.example/alpine/v3.19/main/",
  "  http://user:word@base.example/alpine/v3.19/community",
  "@edge https://base.example/alpine/edge/main",
  "/media/cdrom/apks",
  "file:///srv/apks",
  "https://base.example/alpine/v3.19/main",
  "",
].join("\n");
const base = { "etc/apk/repositories": repositories, "etc/apk/keys/base.rsa.pub": "BASE", "etc/apk/keys/README": "no key" };

describe("where packages of Alpine come from", () => {
  it("is packageSources before all else: the repository itself, or branches and components below", async () => {
    const found = await find({
      declared: [
        { url: "https://own.example/repo/", keys: ["OWN"] },
        { url: "https://own.example/alpine", suites: ["v3.19", "edge"], components: ["main", "community"] },
        { url: "https://own.example/any", allowUnsigned: true },
      ],
      configured: { "alpine:3.19": [{ url: "https://stack.example/main" }] },
    });
    expect(places(found)).to.deep.equal([
      "packageSources https://own.example/repo",
      ...["v3.19/main", "v3.19/community", "edge/main", "edge/community"].map(
        (path) => `packageSources https://own.example/alpine/${path}`,
      ),
      "packageSources https://own.example/any",
    ]);
    const keys = found.repositories.map(({ source }) => source.keys);
    expect([keys[0], keys[1], keys.at(-1)]).to.deep.equal([["OWN"], ownApkKeys("x86_64"), []]);
  });

  it("is stack config for the distribution next, checked by the keys of the base where none are given", async () => {
    const found = await find({
      configured: { "alpine:3.19": [{ url: "https://a:b@stack.example/main" }], "alpine:3.20": [] },
      base: treeOf(base),
    });
    expect(places(found)).to.deep.equal(["stack config https://stack.example/main"]);
    expect(found.repositories[0]?.source.keys).to.deep.equal([Buffer.from("BASE")]);
    expect(found.logins.map(({ username }) => username)).to.deep.equal(["a"]);
  });

  it("is the base's own repositories next, with its tags and its keys, without its own disk", async () => {
    const found = await find({ base: treeOf(base) });
    expect(places(found)).to.deep.equal([
      "base https://base.example/alpine/v3.19/main",
      "base http://base.example/alpine/v3.19/community",
      "base @edge https://base.example/alpine/edge/main",
    ]);
    for (const { source } of found.repositories) expect(source.keys).to.deep.equal([Buffer.from("BASE")]);
    expect(found.logins.map(({ username, password }) => [username, password])).to.deep.equal([["user", "word"]]);
  });

  it("is verified by the keys that a base keeps for its architecture, else by the shipped ones", async () => {
    const { "etc/apk/repositories": own } = base;
    const kept = {
      "etc/apk/repositories": own,
      "usr/share/apk/keys/k.rsa.pub": "KEPT",
      "usr/share/apk/keys/x86_64/k.rsa.pub": "-> ../k.rsa.pub",
    };
    expect((await find({ base: treeOf(kept) })).repositories[0]?.source.keys).to.deep.equal([Buffer.from("KEPT")]);
    expect((await find({ base: treeOf({ "etc/apk/repositories": own }) })).repositories[0]?.source.keys).to.deep.equal(
      ownApkKeys("x86_64"),
    );
  });

  it("is Alpine's own archive last: by the machine's mirror, or the public one", async () => {
    const apkDirectory = join(root, "apk");
    mkdirSync(apkDirectory);
    writeFileSync(
      join(apkDirectory, "repositories"),
      "https://third.example/repo\n@testing https://x.example/edge/main\nhttps://mirror.example/alpine/v3.18/main\n",
    );
    expect(places(await find({ apkDirectory }))).to.deep.equal([
      "machine https://mirror.example/alpine/v3.19/main",
      "machine https://mirror.example/alpine/v3.19/community",
    ]);
    const distroless = treeOf({ "etc/os-release": "ID=alpine\n" });
    expect(places(await find({ base: distroless }))).to.deep.equal([
      "public https://dl-cdn.alpinelinux.org/alpine/v3.19/main",
      "public https://dl-cdn.alpinelinux.org/alpine/v3.19/community",
    ]);
    const edge = await find({ distribution: { family: "alpine", release: "edge" }, architecture: "aarch64" });
    expect(places(edge)[0]).to.deep.equal("public https://dl-cdn.alpinelinux.org/alpine/edge/main");
    expect(edge.repositories[0]?.source.keys).to.deep.equal(ownApkKeys("aarch64"));
    expect(ownApkKeys("aarch64").length).to.equal(2);
  });

  for (const bad of [{ suites: ["../x"] }, { components: ["main/../.."] }, { suites: [""] }, { suites: ["a\n"] }])
    it(`is not a path that escapes: ${JSON.stringify(bad)}`, async () => {
      await expect(find({ declared: [{ url: "https://own.example", ...bad }] })).to.be.rejectedWithError({
        code: "invalid",
        origin: "inputs",
        property: "packageSources[0]",
      });
    });
});

describe("architectures of Alpine", () => {
  for (const [oci, name] of [
    ["amd64", "x86_64"],
    ["arm64", "aarch64"],
    ["386", "x86"],
    ["arm", "armv7"],
    ["arm/v7", "armv7"],
    ["arm/v6", "armhf"],
    ["ppc64le", "ppc64le"],
    ["s390x", "s390x"],
    ["riscv64", "riscv64"],
  ] as const)
    it(`${oci} is ${name}`, () => expect(apkArchitecture(oci, undefined)).to.equal(name));

  it("for arm are what the base says", () => {
    expect(apkArchitecture("arm", treeOf({ "etc/apk/arch": "armhf\n" }))).to.equal("armhf");
    expect(apkArchitecture("amd64", treeOf({ "etc/apk/arch": "armhf\n" }))).to.equal("x86_64");
  });

  it("are an error if Alpine does not support them", () => {
    expect(() => apkArchitecture("mips", undefined)).to.throwError({ code: "invalid", message: /no packages for mips/ });
  });
});
