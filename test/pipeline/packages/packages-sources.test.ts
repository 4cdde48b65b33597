import { after, before, beforeEach, describe, it } from "mocha";
import { isList, type ValueMap } from "../../../provider/values.js";
import { makeKey } from "../../support/archives/keys.js";
import { serveArchive } from "../../support/archives/serve.js";
import { expect, expectThat } from "../../support/expectations.js";
import { file } from "../../support/images/layer-tar.js";
import { debianBase, forBoth, PackagesShop } from "./packages-shop.js";
import { checkWith, type State } from "../workshop.js";

describe("package archives", () => {
  let packages: PackagesShop;
  before(async () => {
    packages = await PackagesShop.open();
    await packages.shop.put("oci:base", "3.13", debianBase());
  });
  beforeEach(() => packages.stock(forBoth("tool")));
  after(() => packages.close());

  const from = (...packageSources: readonly ValueMap[]): ValueMap => ({
    repository: "oci:base",
    version: "3.13",
    suffix: "p",
    packages: ["tool"],
    ...(packageSources.length === 0 ? {} : { packageSources }),
  });
  const refuse = async (inputs: ValueMap, message: RegExp, session = packages.shop.session()): Promise<string> => {
    const [failure, ...others] = await packages.refusals(inputs, {}, session);
    expect(failure ?? "").to.match(message);
    expect(others).to.deep.equal([]);
    expect(await packages.shop.head("oci:base", "3.13_p")).to.equal(undefined);
    return failure ?? "";
  };

  it("are those of stack config when the resource declares none", async () => {
    const { url } = packages.archive;
    const session = packages.shop.session({ packageSources: { "debian:bookworm": [{ url, keys: [packages.key.armored] }] } });
    const { derived, failures } = await checkWith(session, "customization", { news: from() });
    expect(failures).to.deep.equal([]);
    const { archives } = derived;
    expectThat(isList(archives));
    expect(archives.map((archive) => ({ ...(archive as ValueMap), digest: "", date: "", settings: "" }))).to.deep.equal([
      {
        family: "debian",
        distribution: "debian:bookworm",
        settings: "",
        url,
        suite: "bookworm",
        components: ["main"],
        origin: "stack config",
        digest: "",
        date: "",
      },
    ]);
  });

  it("of a base are on this machine only with the permission of stack config", async () => {
    const { url } = packages.archive;
    const { host } = new URL(url);
    const line = file("etc/apt/sources.list", `deb ${url} bookworm main\n`);
    const base = debianBase(undefined, [line, file("etc/apt/trusted.gpg.d/a.asc", packages.key.armored)]);
    await packages.shop.put("oci:naming", "3.13", base);
    const inputs = { ...from(), repository: "oci:naming" };
    packages.takeRequests();
    await refuse(
      inputs,
      new RegExp(`${host} is at 127\\.0\\.0\\.1, which is not a public address\\. The base names it: list ${host} in dhi:packageHosts`),
    );
    expect(packages.takeRequests()).to.deep.equal([]);
    const state = await packages.shop.up("customization", inputs, undefined, packages.shop.session({ packageHosts: [host] }));
    expect(state.did).to.equal("create");
    // An archive of a base in state is no more trusted than the base.
    const [failure] = await packages.refusals(inputs, state.inputs);
    expect(failure ?? "").to.match(/which is not a public address/);
    const same = await packages.shop.up("customization", inputs, state, packages.shop.session({ packageHosts: ["127.0.0.1"] }));
    expect(same.did).to.equal("same");
  });

  it("are resolved again when stack config declares others, or trusts others", async () => {
    const { url } = packages.archive;
    const other = await PackagesShop.open();
    try {
      await other.stock(forBoth("tool", "2.0-1"));
      const here = [{ url, keys: [packages.key.armored] }];
      const up = (sources: readonly { url: string; keys: readonly string[] }[], state?: State): Promise<State> =>
        packages.shop.up("customization", inputs, state, packages.shop.session({ packageSources: { "debian:bookworm": sources } }));
      const inputs = { ...from(), suffix: "moved" };
      const state = await up(here);
      packages.takeRequests();
      expect((await up(here, state)).did).to.equal("same");
      expect(packages.takeRequests()).to.deep.equal(["dists/bookworm/InRelease"]);
      const login = url.replace("http://", "http://user:hunter2@");
      expect((await up([{ url: login, keys: [packages.key.armored] }], state)).did).to.equal("same");
      const { outputs } = await up([{ url: other.archive.url, keys: [other.key.armored] }], state);
      expect(outputs["reasons"]).to.deep.equal(["tool: 1.0-1 → 2.0-1"]);
      await expect(up([{ url, keys: [other.key.armored] }], state)).to.be.rejectedWithError(
        /is signed by .* which is none of the trusted keys/,
      );
    } finally {
      await other.close();
    }
  });

  it("with a login in stack config's URL are requested with it even when nothing has changed", async () => {
    await packages.stock(forBoth("tool", "1.0-1"));
    const guarded = await serveArchive(packages.files, { login: "user:hunter2" });
    try {
      const sources = [{ url: guarded.url.replace("http://", "http://user:hunter2@"), keys: [packages.key.armored] }];
      const up = (state?: State): Promise<State> =>
        packages.shop.up(
          "customization",
          { ...from(), suffix: "guarded" },
          state,
          packages.shop.session({ packageSources: { "debian:bookworm": sources } }),
        );
      const state = await up();
      expect((await up(state)).did).to.equal("same");
    } finally {
      await guarded.stop();
    }
  });

  it("never show a login in stack config's URL", async () => {
    const url = packages.archive.url.replace("http://", "http://user:hunter2@");
    const session = packages.shop.session({ packageSources: { "debian:bookworm": [{ url, keys: [packages.key.armored] }] } });
    const { derived, failures, lines } = await checkWith(session, "customization", { news: from() });
    expect(failures).to.deep.equal([]);
    expect(JSON.stringify([derived, lines])).to.not.include("hunter2");
    packages.archive.fail(403);
    const failure = await refuse(
      from(),
      /answered 403|refuse/,
      packages.shop.session({ packageSources: { "debian:bookworm": [{ url }] } }),
    );
    packages.archive.fail();
    expect(failure, failure).to.not.include("hunter2");
  });

  for (const url of ["http://user:hunter2@example.org/debian", "ftp://user:hunter2@example.org/debian", "http://user:hunter2@[x/debian"]) {
    it(`reject a login in the URL without showing it: ${url.slice(0, 3)}, ${url.slice(20, 23)}`, async () => {
      const failure = await refuse(from({ url }), /^packageSources\[0\]\.url: /);
      expect(failure, failure).to.not.include("hunter2");
    });
  }

  it("reject invalid keys without showing them", async () => {
    for (const keys of [
      ["hunter2"],
      [packages.key.armored, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nhunter2\n-----END PGP PUBLIC KEY BLOCK-----"],
    ]) {
      const failure = await refuse(from(packages.source({ keys })), /archive key is not a valid OpenPGP public key/);
      expect(failure, failure).to.not.include("hunter2");
    }
  });

  it("reject a secret where it would be shown, but accept a secret key", async () => {
    const request = { news: from(packages.source()) };
    for (const secret of [["packages", 0], ["packages"], ["packageSources", 0, "url"], ["packageSources", 0, "suites", 0]] as const) {
      const { failures } = await checkWith(packages.shop.session(), "customization", { ...request, secrets: [secret] });
      expect(failures.length, secret.join()).to.equal(1);
      expect(failures[0]?.reason ?? "").to.match(/^is a secret, .*shown in plain text/);
    }
    const { derived, failures } = await checkWith(packages.shop.session(), "customization", {
      ...request,
      secrets: [["packageSources", 0, "keys", 0]],
    });
    expect(failures).to.deep.equal([]);
    expect(derived["notices"]).to.deep.equal([]);
  });

  it("reject an invalid suite and component", async () => {
    await refuse(from(packages.source({ suites: ["../x"] })), /packageSources\[0\]: "\.\.\/x" is not a valid suite/);
    await refuse(from(packages.source({ components: ["a b"] })), /packageSources\[0\]: "a b" is not a valid component/);
    await refuse(from(packages.source({ suites: ["trixie"] })), /there is no suite "trixie"/);
  });

  it("are rejected when unsigned, or accepted with a notice where that is allowed", async () => {
    await packages.stock(forBoth("tool"), { keys: [] });
    await refuse(from(packages.source()), /\/dists\/bookworm is not signed: it has neither InRelease nor Release\.gpg\. .*allowUnsigned/);
    const { url } = packages.archive;
    const { derived, failures, lines } = await checkWith(packages.shop.session(), "customization", {
      news: from({ url, allowUnsigned: true }),
    });
    expect(failures).to.deep.equal([]);
    expect(JSON.stringify(derived["notices"])).to.match(/"unsigned","message":"[^"]* is not signed, which allowUnsigned permits/);
    expect(lines.some((line) => line.startsWith("warning: ") && line.includes("allowUnsigned"))).to.equal(true);
  });

  it("are rejected after their Valid-Until, or accepted with a notice where that is allowed", async () => {
    await packages.stock(forBoth("tool"), { validUntil: new Date("2026-01-08") });
    await refuse(
      from(packages.source()),
      /^packages: .*\/dists\/bookworm expired at 2026-01-08T00:00:00\.000Z \(Valid-Until\): .*\. .*set allowExpired/,
    );
    const news = from(packages.source({ allowExpired: true }));
    const { derived, failures } = await checkWith(packages.shop.session(), "customization", { news });
    expect(failures).to.deep.equal([]);
    expect(JSON.stringify(derived["notices"])).to.match(/"expired","message":"[^"]* expired at 2026-01-08/);
  });

  it("are rejected when older than recorded in the cache", async () => {
    await packages.stock(forBoth("tool"), { date: new Date("2026-01-01") });
    await refuse(from(packages.source()), /^packages: .*\/dists\/bookworm went back in time: it is dated 2026-01-01/);
    packages.shop.loseCache();
    const { failures } = await checkWith(packages.shop.session(), "customization", { news: from(packages.source()) });
    expect(failures).to.deep.equal([]);
  });

  it("are rejected when older than recorded in state, with an empty cache", async () => {
    const inputs = { ...from(packages.source()), suffix: "back" };
    await packages.stock(forBoth("tool", "2.0-1"), { date: new Date("2026-02-01") });
    packages.shop.loseCache();
    const { inputs: olds } = await packages.shop.up("customization", inputs);
    await packages.stock(forBoth("tool", "1.0-1"), { date: new Date("2026-01-01") });
    packages.shop.loseCache();
    const back =
      /^packages: .* bookworm went back in time: it is dated 2026-01-01T.*, but the image was made with one dated 2026-02-01T.*change packageSources/;
    for (const news of [inputs, { ...inputs, labels: { a: "b" } }]) {
      const [failure, ...others] = await packages.refusals(news, olds);
      expect(failure ?? "").to.match(back);
      expect(others).to.deep.equal([]);
      packages.shop.loseCache();
    }
    // Declaring it again accepts it.
    expect(await packages.refusals({ ...inputs, packageSources: [packages.source({ components: ["main"] })] }, olds)).to.deep.equal([]);
  });

  it("are rejected when signed by another key", async () => {
    await packages.stock(forBoth("tool"), { keys: [await makeKey("stranger")] });
    await refuse(from(packages.source()), /InRelease.*sign/);
  });

  const changes: readonly (readonly [string, (bytes: Buffer) => Buffer, RegExp])[] = [
    [
      "others",
      (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from("?")]),
      /does not match what its archive states: its digest is sha256:/,
    ],
    ["fewer", (bytes) => bytes.subarray(1), /has \d+ bytes, but its archive states \d+/],
  ];
  for (const [what, change, message] of changes) {
    it(`reject a package whose bytes are ${what} than its archive states`, async () => {
      packages.shop.loseCache();
      for (const [path, bytes] of packages.files) if (path.endsWith("_arm64.deb")) packages.files.set(path, change(bytes));
      const failure = await refuse(from(packages.source()), message);
      expect(failure).to.match(/^packages: .*\/tool_1\.0-1_arm64\.deb /);
    });
  }
});
