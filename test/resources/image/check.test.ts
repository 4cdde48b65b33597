import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { customizationKind } from "../../../provider/resources/customization/customization.js";
import { isList, isMap, unknown, type ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { checkWith, Workshop } from "../../pipeline/workshop.js";

describe("check", () => {
  let shop: Workshop;
  let base: string;
  before(async () => {
    shop = await Workshop.open();
    base = await shop.put("oci:base", "3.13");
    const tar = layerTar([file("opt/tools/run", "run", { mode: 0o755 }), file("opt/tools/doc", "doc")]);
    await shop.put("oci:tools", "1", { platforms: ["linux/amd64", "linux/arm64"].map((platform) => ({ platform, layers: [{ tar }] })) });
    await shop.put("oci:small", "1", { platforms: [{ layers: [{ tar }] }] });
  });
  after(() => shop.remove());

  const inputs: ValueMap = { repository: "oci:base", version: "3.13", suffix: "check" };
  const reasons = async (news: ValueMap): Promise<readonly string[]> => {
    const { failures } = await checkWith(shop.session(), "customization", { news });
    return failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`));
  };

  it("returns the same result twice, and with another cache and job count", async () => {
    const news = { ...inputs, artifacts: [{ image: "oci:tools:1", includes: ["/opt"] }], users: [{ name: "app", uid: 1001 }] };
    const first = await checkWith(shop.session({ jobs: 1 }), "customization", { news });
    expect(first.failures).to.deep.equal([]);
    expect((await checkWith(shop.session(), "customization", { news })).derived).to.deep.equal(first.derived);
    shop.loseCache();
    expect((await checkWith(shop.session({ jobs: 4 }), "customization", { news })).derived).to.deep.equal(first.derived);
    const { layers } = first.derived;
    expectThat(isList(layers));
    expect(layers.map((line) => (typeof line === "string" ? line.replace(/, .*/, "") : line))).to.deep.equal([
      "artifact oci:tools:1: 4 entries",
      "files: 5 entries",
    ]);
  });

  it("ignores derived properties in the inputs", async () => {
    const { derived } = await checkWith(shop.session(), "customization", { news: inputs });
    const again = await checkWith(shop.session(), "customization", { news: { ...inputs, ...derived, digest: "other" } });
    expect(again.inputs).to.deep.equal(inputs);
    expect(again.derived).to.deep.equal(derived);
  });

  const wrong: readonly (readonly [string, ValueMap, RegExp])[] = [
    ["a key that is not there", { sign: { key: "absent.key" } }, /^sign\.key: the key absent\.key does not exist\. Paths are relative/],
    ["a key that is not set", { sign: { key: "env:DHI_NO_KEY" } }, /^sign\.key: env:DHI_NO_KEY is not set/],
    ["services that tell no time", { sign: { keyless: { fulcioUrl: "https://a.test" } } }, /^sign\.keyless: has neither a log nor/],
    ["a key in the inputs", { sign: { key: "-----BEGIN PRIVATE KEY-----" } }, /^sign\.key: is a private key, which would be kept in state/],
    ["a version that is not there", { version: "9" }, /^version: oci:base has no tag 9\. Mirror it first, or use an existing tag$/],
    ["a repository that is not there", { repository: "oci:nowhere" }, /^version: oci:nowhere has no tag 3\.13\. Mirror it first/],
    [
      "a pin that is not there",
      { version: `3.13@sha256:${"0".repeat(64)}` },
      /^version: oci:base@sha256:0+ does not exist\. Mirror or push it first$/,
    ],
    [
      "an artifact that is not there",
      { artifacts: [{ image: "oci:none:1", includes: ["/x"] }] },
      /^artifacts\[0\]\.image: oci:none:1 does not exist\. Push it first/,
    ],
    [
      "an include without match",
      { artifacts: [{ image: "oci:tools:1", includes: ["/opt/tolls"] }] },
      /^artifacts\[0\]\.includes\[0\]: "\/opt\/tolls" matches nothing; \/opt holds \/opt\/tools/,
    ],
    [
      "a platform that the base lacks",
      { platforms: ["linux/s390x"] },
      /^platforms: the base oci:base@sha256:[0-9a-f]+ has no image for linux\/s390x; its platforms: linux\/amd64, linux\/arm64\. Declare only/,
    ],
    [
      "a platform that an artifact lacks",
      { artifacts: [{ image: "oci:small:1", includes: ["/opt"] }] },
      /^artifacts\[0\]\.image: the artifact oci:small@sha256:[0-9a-f]+ has no image for linux\/arm64; its platforms: linux\/amd64/,
    ],
    ["a user who does not exist", { runAs: "ghost" }, /^runAs: the image has no user "ghost"; it has root\. Declare it/],
    [
      "a file that is not there",
      { files: [{ path: "/x", source: "./none" }] },
      /^files\[0\]\.source: "\.\/none" does not exist\. Paths are relative to the Pulumi project$/,
    ],
    [
      "a folder for a file",
      { files: [{ path: "/x", source: "." }] },
      /^files\[0\]\.source: "\." is a directory\. Use a file, or declare it in directories$/,
    ],
    [
      "a folder that is not there",
      { directories: [{ path: "/x", source: "./none" }] },
      /^directories\[0\]\.source: "\.\/none" does not exist/,
    ],
    [
      "a conflict",
      { scripts: [{ path: "/tmp", content: "", uid: 0, gid: 0, mode: "0755" }] },
      /^scripts\[0\]: \/tmp is a file and cannot replace a directory\. Exclude it, or choose another path$/,
    ],
    [
      "a mode for the root folder",
      { directories: [{ path: "/", mode: "0700" }] },
      /^directories\[0\]\.mode: is declared for the root folder, which keeps its own\. Remove it$/,
    ],
    [
      "an annotation of ours",
      { annotations: { "org.opencontainers.image.base.name": "x" } },
      /^annotations\["org\.opencontainers\.image\.base\.name"\]: is written by pulumi-dhi itself\. Remove it$/,
    ],
  ];
  for (const [what, more, message] of wrong) {
    it(`reports ${what} with its property and a hint`, async () => {
      const [reason, ...others] = await reasons({ ...inputs, ...more });
      expect(reason ?? "").to.match(message);
      expect(others).to.deep.equal([]);
    });
  }

  it("reports all invalid inputs at once and pushes nothing", async () => {
    const all = await reasons({ ...inputs, version: "a b", platforms: ["x"], nope: 1 });
    expect(all.map((reason) => reason.split(":")[0])).to.deep.equal([
      "version",
      "platforms[0]",
      `has no property "nope". It has ${[...customizationKind.inputs].join(", ")}`,
    ]);
    expect(await shop.head("oci:base", "3.13_check")).to.equal(undefined);
  });

  it("rejects secrets in names, and causes notices for those in the image", async () => {
    const named = await checkWith(shop.session(), "customization", {
      news: { ...inputs, additionalTags: ["s"] },
      secrets: [["suffix"], ["additionalTags", 0]],
    });
    expect(named.failures.map(({ property }) => property)).to.deep.equal(["suffix", "additionalTags[0]"]);
    expect(named.failures[0]?.reason ?? "").to.match(/^is a secret, but it is part of an image's name/);
    const stated = await checkWith(shop.session(), "customization", {
      news: { ...inputs, vex: { statements: [{ vulnerability: "CVE-1", status: "fixed", statement: "hunter2" }] } },
      secrets: [["vex", "statements", 0, "statement"]],
    });
    expect(stated.failures.map(({ property, reason }) => `${property} ${reason}`)).to.deep.equal([
      "vex.statements[0].statement is a secret, but it is part of an attestation, which is shown in plain text. Give a plain value",
    ]);
    const news = { ...inputs, environment: { TOKEN: "hunter2" } };
    const { derived, lines } = await checkWith(shop.session(), "customization", { news, secrets: [["environment", "TOKEN"]] });
    expect(derived["notices"]).to.deep.equal([
      { kind: "secret-in-image", message: "environment.TOKEN is a secret, and whoever can pull the image can read it there" },
    ]);
    expect(lines.length).to.equal(1);
    expect(
      (await checkWith(shop.session(), "customization", { news, olds: { ...news, ...derived }, secrets: [["environment", "TOKEN"]] }))
        .lines,
    ).to.deep.equal([]);
  });

  it("keeps the shape of outputs with unknown values, and still resolves the base", async () => {
    const news: ValueMap = { ...inputs, environment: { A: unknown }, platforms: ["linux/amd64"] };
    const { derived, failures } = await checkWith(shop.session(), "customization", { news });
    expect(failures).to.deep.equal([]);
    expect(derived["digest"]).to.equal(unknown);
    expect((derived["resolution"] as ValueMap)["packages"]).to.deep.equal({});
    const added = await checkWith(shop.session(), "customization", { news: { ...news, packages: ["curl"] } });
    expect((added.derived["resolution"] as ValueMap)["packages"]).to.equal(unknown);
    expect(derived["tags"]).to.deep.equal({ "3.13_check": unknown });
    expect(derived["platformDigests"]).to.deep.equal({ "linux/amd64": unknown });
    expect(derived["asBase"]).to.deep.equal({ repository: "oci:base", version: unknown });
    expect(derived["base"]).to.deep.equal({ ref: `oci:base@${base}`, digest: base, tag: "3.13" });
    const { resolution } = derived;
    expect(isMap(resolution) ? [resolution["layoutVersion"], resolution["base"]] : []).to.deep.equal([
      unknown,
      { tag: "3.13", digest: base },
    ]);
    expect((await reasons({ ...news, version: "9" }))[0] ?? "").to.match(/has no tag 9/);
    const open = await checkWith(shop.session(), "customization", { news: { ...inputs, version: unknown } });
    expect(open.derived["base"]).to.deep.equal({ ref: unknown, digest: unknown, tag: unknown });
    expect(open.derived["tags"]).to.equal(unknown);
  });

  it("depends only on content and executable bit of local files", async () => {
    await shop.write("local/f", "one", 0o600);
    const news = { ...inputs, directories: [{ path: "/opt/l", source: "./local" }] };
    const digestNow = async (): Promise<unknown> => (await checkWith(shop.session(), "customization", { news })).derived["digest"];
    const first = await digestNow();
    await chmod(join(shop.folder, "local/f"), 0o664);
    expect(await digestNow()).to.equal(first);
    await chmod(join(shop.folder, "local/f"), 0o755);
    const executable = await digestNow();
    expect(executable).to.not.equal(first);
    await shop.write("local/f", "two");
    await chmod(join(shop.folder, "local/f"), 0o755);
    expect(await digestNow()).to.not.equal(executable);
  });

  it("rejects sockets unless they are excluded", async () => {
    await shop.write("odd/f", "x");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(shop.folder, "odd/socket"), resolve));
    try {
      const of = (excludes: readonly string[]) => reasons({ ...inputs, directories: [{ path: "/o", source: "./odd", excludes }] });
      expect((await of([]))[0] ?? "").to.match(
        /^directories\[0\]\.source: \/socket is not a file, directory or symbolic link\. Exclude it$/,
      );
      expect(await of(["socket"])).to.deep.equal([]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
