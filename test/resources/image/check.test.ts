import { strict as assert } from "node:assert";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { customizationKind } from "../../../provider/resources/customization/customization.js";
import { LAYOUT_VERSION } from "../../../provider/rootfs/layers/key.js";
import { isList, isMap, unknown, type ValueMap } from "../../../provider/values.js";
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

  it("gives the same answer twice, and with another cache and job count", async () => {
    const news = { ...inputs, artifacts: [{ image: "oci:tools:1", includes: ["/opt"] }], users: [{ name: "app", uid: 1001 }] };
    const first = await checkWith(shop.session({ jobs: 1 }), "customization", { news });
    assert.deepEqual(first.failures, []);
    assert.deepEqual((await checkWith(shop.session(), "customization", { news })).derived, first.derived);
    shop.loseCache();
    assert.deepEqual((await checkWith(shop.session({ jobs: 4 }), "customization", { news })).derived, first.derived);
    const { layers } = first.derived;
    assert.ok(isList(layers));
    assert.deepEqual(
      layers.map((line) => (typeof line === "string" ? line.replace(/, .*/, "") : line)),
      ["artifact oci:tools:1: 4 entries", "files: 5 entries"],
    );
  });

  it("takes derived properties for no inputs", async () => {
    const { derived } = await checkWith(shop.session(), "customization", { news: inputs });
    const again = await checkWith(shop.session(), "customization", { news: { ...inputs, ...derived, digest: "other" } });
    assert.deepEqual(again.inputs, inputs);
    assert.deepEqual(again.derived, derived);
  });

  const wrong: readonly (readonly [string, ValueMap, RegExp])[] = [
    ["a version that is not there", { version: "9" }, /^version: oci:base has no tag 9\. Mirror it first, or name a tag that is there$/],
    ["a repository that is not there", { repository: "oci:nowhere" }, /^version: oci:nowhere has no tag 3\.13\. Mirror it first/],
    [
      "a pin that is not there",
      { version: `3.13@sha256:${"0".repeat(64)}` },
      /^version: oci:base@sha256:0+ is not there\. Mirror or push it first$/,
    ],
    [
      "an artifact that is not there",
      { artifacts: [{ image: "oci:none:1", includes: ["/x"] }] },
      /^artifacts\[0\]\.image: oci:none:1 is not there\. Push it first/,
    ],
    [
      "an include without match",
      { artifacts: [{ image: "oci:tools:1", includes: ["/opt/tolls"] }] },
      /^artifacts\[0\]\.includes\[0\]: "\/opt\/tolls" matches nothing; \/opt holds \/opt\/tools/,
    ],
    [
      "a platform that the base lacks",
      { platforms: ["linux/s390x"] },
      /^platforms: the base oci:base@sha256:[0-9a-f]+ has no linux\/s390x; it has linux\/amd64, linux\/arm64\. Declare only/,
    ],
    [
      "a platform that an artifact lacks",
      { artifacts: [{ image: "oci:small:1", includes: ["/opt"] }] },
      /^artifacts\[0\]\.image: the artifact oci:small@sha256:[0-9a-f]+ has no linux\/arm64; it has linux\/amd64/,
    ],
    ["a user who does not exist", { runAs: "ghost" }, /^runAs: the image has no user "ghost"; it has root\. Declare it/],
    [
      "a file that is not there",
      { files: [{ path: "/x", source: "./none" }] },
      /^files\[0\]\.source: "\.\/none" is not there\. Paths are relative to the Pulumi project$/,
    ],
    [
      "a folder for a file",
      { files: [{ path: "/x", source: "." }] },
      /^files\[0\]\.source: "\." is a directory\. Name a file, or use directories$/,
    ],
    [
      "a folder that is not there",
      { directories: [{ path: "/x", source: "./none" }] },
      /^directories\[0\]\.source: "\.\/none" is not there/,
    ],
    [
      "a conflict",
      { scripts: [{ path: "/tmp", content: "", uid: 0, gid: 0, mode: "0755" }] },
      /^scripts\[0\]: \/tmp is a file and cannot replace a directory\. Exclude it, or choose another path$/,
    ],
    [
      "a mode for the root folder",
      { directories: [{ path: "/", mode: "0700" }] },
      /^directories\[0\]\.mode: is declared for the root folder, which keeps its own\. Leave it out$/,
    ],
    [
      "an annotation of ours",
      { annotations: { "org.opencontainers.image.base.name": "x" } },
      /^annotations\["org\.opencontainers\.image\.base\.name"\]: is written by pulumi-dhi itself\. Leave it out$/,
    ],
  ];
  for (const [what, more, message] of wrong) {
    it(`says of ${what} where, what and the way out`, async () => {
      const [reason, ...others] = await reasons({ ...inputs, ...more });
      assert.match(reason ?? "", message);
      assert.deepEqual(others, []);
    });
  }

  it("tells all mistakes of inputs at once, and pushes nothing", async () => {
    const all = await reasons({ ...inputs, version: "a b", platforms: ["x"], nope: 1 });
    assert.deepEqual(
      all.map((reason) => reason.split(":")[0]),
      ["version", "platforms[0]", `has no property "nope". It has ${[...customizationKind.inputs].join(", ")}`],
    );
    assert.equal(await shop.head("oci:base", "3.13_check"), undefined);
  });

  it("refuses secrets in names, and notices them in the image", async () => {
    const named = await checkWith(shop.session(), "customization", {
      news: { ...inputs, additionalTags: ["s"] },
      secrets: [["suffix"], ["additionalTags", 0]],
    });
    assert.deepEqual(
      named.failures.map(({ property }) => property),
      ["suffix", "additionalTags[0]"],
    );
    assert.match(named.failures[0]?.reason ?? "", /^is a secret, but it is part of an image's name/);
    const news = { ...inputs, environment: { TOKEN: "hunter2" } };
    const { derived, lines } = await checkWith(shop.session(), "customization", { news, secrets: [["environment", "TOKEN"]] });
    assert.deepEqual(derived["notices"], [
      { kind: "secret-in-image", message: "environment.TOKEN is a secret, and whoever can pull the image can read it there" },
    ]);
    assert.equal(lines.length, 1);
    assert.deepEqual(
      (await checkWith(shop.session(), "customization", { news, olds: { ...news, ...derived }, secrets: [["environment", "TOKEN"]] }))
        .lines,
      [],
    );
  });

  it("keeps the shape of outputs around what is unknown, and still looks for the base", async () => {
    const news: ValueMap = { ...inputs, environment: { A: unknown }, platforms: ["linux/amd64"] };
    const { derived, failures } = await checkWith(shop.session(), "customization", { news });
    assert.deepEqual(failures, []);
    assert.equal(derived["digest"], unknown);
    assert.deepEqual((derived["resolution"] as ValueMap)["packages"], {});
    const added = await checkWith(shop.session(), "customization", { news: { ...news, packages: ["curl"] } });
    assert.equal((added.derived["resolution"] as ValueMap)["packages"], unknown);
    assert.deepEqual(derived["tags"], { "3.13_check": unknown });
    assert.deepEqual(derived["platformDigests"], { "linux/amd64": unknown });
    assert.deepEqual(derived["asBase"], { repository: "oci:base", version: unknown });
    assert.deepEqual(derived["base"], { ref: `oci:base@${base}`, digest: base, tag: "3.13" });
    const { resolution } = derived;
    assert.deepEqual(isMap(resolution) ? [resolution["layoutVersion"], resolution["base"]] : [], [
      LAYOUT_VERSION,
      { tag: "3.13", digest: base },
    ]);
    assert.match((await reasons({ ...news, version: "9" }))[0] ?? "", /has no tag 9/);
    const open = await checkWith(shop.session(), "customization", { news: { ...inputs, version: unknown } });
    assert.deepEqual(open.derived["base"], { ref: unknown, digest: unknown, tag: unknown });
    assert.equal(open.derived["tags"], unknown);
  });

  it("sees content and executable bit of local files, and nothing else of them", async () => {
    await shop.write("local/f", "one", 0o600);
    const news = { ...inputs, directories: [{ path: "/opt/l", source: "./local" }] };
    const digestNow = async (): Promise<unknown> => (await checkWith(shop.session(), "customization", { news })).derived["digest"];
    const first = await digestNow();
    await chmod(join(shop.folder, "local/f"), 0o664);
    assert.equal(await digestNow(), first);
    await chmod(join(shop.folder, "local/f"), 0o755);
    const executable = await digestNow();
    assert.notEqual(executable, first);
    await shop.write("local/f", "two");
    await chmod(join(shop.folder, "local/f"), 0o755);
    assert.notEqual(await digestNow(), executable);
  });

  it("takes sockets for no files, unless they are excluded", async () => {
    await shop.write("odd/f", "x");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(shop.folder, "odd/socket"), resolve));
    try {
      const of = (excludes: readonly string[]) => reasons({ ...inputs, directories: [{ path: "/o", source: "./odd", excludes }] });
      assert.match((await of([]))[0] ?? "", /^directories\[0\]\.source: \/socket is neither file, directory nor link\. Exclude it$/);
      assert.deepEqual(await of(["socket"]), []);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
