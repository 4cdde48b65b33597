import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Descendants } from "../../../cli/descendants/descendant.js";
import { findDescendants } from "../../../cli/descendants/find-descendants.js";
import { parsePlace } from "../../../cli/descendants/places.js";
import { parseReference, parseRepository } from "../../../provider/image/reference.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository, Repositories } from "../../../provider/registry/repository.js";
import { runCommand } from "../../support/command-line.js";
import { expect } from "../../support/expectations.js";
import { makeImage, putImage, type MadeImage, type PlatformParts } from "../../support/images/image.js";
import { file, layerTar } from "../../support/images/layer-tar.js";
import { startDockerRegistry, startProxy, type FaultProxy, type StartedRegistry } from "../../support/registries/index.js";
import { publish } from "../../support/session/publish.js";
import { openSession } from "../../support/session/session.js";

const platforms = ["linux/amd64", "linux/arm64"];
const broken = "app/broken";
const refused = [`/v2/${broken}/manifests/sha256`, "/v2/app/closed/tags/"];

function image(text: string, created: string, more?: PlatformParts): MadeImage {
  const layers = (platform: string) => [{ tar: layerTar([file("etc/release", `${text} ${platform}`)]) }, ...(more?.layers ?? [])];
  return makeImage({
    platforms: platforms.map((platform) => ({ ...more, platform, layers: layers(platform), rest: { created } })),
  });
}

const name = "org.opencontainers.image.base.name";
const digest = "org.opencontainers.image.base.digest";

describe("the descendants of a base", () => {
  let registry: StartedRegistry;
  let proxy: FaultProxy;
  let folder: string;
  let repositories: Repositories;
  const old = image("1", "2025-01-01T00:00:00Z");
  const now = image("2", "2025-01-13T12:00:00Z");
  const at = (path: string): string => `${registry.host}/${path}`;
  const open = (path: string): ImageRepository => repositories.open(parseRepository(at(path)));
  const find = (base: string, places: readonly string[], owner?: string): Promise<Descendants> =>
    findDescendants({ repositories, base: parseReference(base), places: places.map(parsePlace), owner });
  const layer = (text: string) => ({ tar: layerTar([file("app", text)]) });
  /** `claim`: values by the last part of their names. */
  const other = (text: string, claim: Readonly<Record<string, string>>, place: "annotations" | "labels"): MadeImage => {
    const texts = Object.fromEntries(Object.entries(claim).map(([key, value]) => [key === "name" ? name : digest, value]));
    const isLabel = place === "labels";
    return makeImage({
      platforms: [{ layers: [layer(text)], config: isLabel ? { Labels: { ...texts, "com.example.team": text } } : {} }],
      ...(isLabel ? {} : { annotations: texts }),
    });
  };

  before(async () => {
    registry = await startDockerRegistry();
    folder = await mkdtemp(join(tmpdir(), "dhi-descendants-"));
    repositories = openRepositories({ projectDirectory: folder, env: { HOME: "/nonexistent" } });
    const base = open("acme/base");
    await putImage(base, old, "3");
    const session = openSession({ projectDirectory: folder, cacheDirectory: join(folder, "cache") });
    const inputs = { repository: at("acme/base"), version: "3", keepPrevious: 1, annotations: { "com.example.team": "acme/prod" } };
    await publish(session, "customization", {
      ...inputs,
      destination: at("app/stale"),
      suffix: "x",
      additionalTags: ["latest"],
      cmd: ["a"],
    });
    await putImage(base, now, "3");
    const later = openSession({ projectDirectory: folder, cacheDirectory: join(folder, "cache") });
    await publish(later, "customization", { ...inputs, destination: at("app/fresh"), suffix: "x", cmd: ["b"] });
    // A mirror of the base under another name, which is not a descendant.
    await putImage(open("app/mirror"), now, "3");
    await putImage(open("app/annotated"), other("a", { name: at("acme/base:3"), digest: old.top.digest }, "annotations"), "1");
    await putImage(open("app/labelled"), other("b", { name: at("acme/base:3") }, "labels"), "1");
    await putImage(open("app/renamed"), other("c", { name: "elsewhere.example/base", digest: now.top.digest }, "annotations"), "1");
    await putImage(open("app/built"), image("2", "2025-02-01T00:00:00Z", { layers: [layer("d")] }), "1");
    await putImage(open("app/unrelated"), other("e", { name: at("acme/other:3") }, "annotations"), "1");
    await putImage(open("app/closed"), other("g", {}, "annotations"), "1");
    await putImage(open(broken), other("f", { name: at("acme/base:3") }, "annotations"), "1");
    proxy = await startProxy(registry.host, {
      onRequest: ({ url }) => (refused.some((start) => url.startsWith(start)) ? { kind: "status", status: 403 } : undefined),
    });
  });
  after(async () => {
    await repositories.close();
    await proxy.stop();
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const summaries = ({ images }: Descendants) =>
    images.map(({ repository, tags, age, daysBehind, evidence, builder }) =>
      [repository.slice(repository.indexOf("/") + 1), tags.join(), age, daysBehind ?? "", evidence, builder ?? ""].join(" ").trim(),
    );

  const expected = [
    "app/annotated 1 behind 12 annotation",
    "app/broken 1 unknown  annotation",
    "app/built 1 current  layers",
    "app/fresh 3_x current  layers pulumi-dhi",
    "app/labelled 1 unknown  label",
    "app/renamed 1 current  annotation",
    "app/stale 3_x,latest behind 12 layers pulumi-dhi",
  ];

  it("are found in a whole registry, with what they are built on, how that is known, and how far they are behind", async () => {
    const found = await find(at("acme/base:3"), [registry.host]);
    expect(summaries(found)).to.deep.equal(expected);
    expect(found.base).to.deep.equal({ name: at("acme/base:3"), digest: now.top.digest });
    expect(found.warnings).to.deep.equal([]);
    const [stale] = found.images.filter(({ repository }) => repository === at("app/stale"));
    expect(stale?.base).to.deep.equal({ name: at("acme/base:3"), digest: old.top.digest });
    expect(stale?.digest).to.equal((await open("app/stale").headManifest("latest"))?.digest);
  });

  it("are the same for the base without a tag, except those that only their layers show", async () => {
    const found = await find(at("acme/base"), [at("app/")]);
    expect(summaries(found)).to.deep.equal(expected.filter((line) => !/app\/(?:built|renamed)/.test(line)));
  });

  it("of another tag are none", async () => {
    const found = await find(at("acme/base:9"), [at("app/")]);
    expect([found.images, found.warnings]).to.deep.equal([[], [`${at("acme/base:9")} does not exist`]]);
  });

  it("have owners by an annotation or label that is asked for", async () => {
    const found = await find(at("acme/base:3"), [at("app/fresh"), at("app/labelled"), at("app/built")], "com.example.team");
    expect(found.images.map(({ owner }) => owner)).to.deep.equal([undefined, "acme/prod", "b"]);
  });

  it("are found in a layout too", async () => {
    const layout = repositories.open(parseRepository("oci:images"));
    await putImage(layout, other("a", { name: at("acme/base:3"), digest: old.top.digest }, "annotations"), "1");
    expect(summaries(await find(at("acme/base:3"), ["oci:images"]))).to.deep.equal(["oci:images 1 behind 12 annotation"]);
  });

  it("that cannot be read are warnings, and the others are found", async () => {
    const found = await find(`${proxy.host}/acme/base:3`, [`${proxy.host}/app/`]);
    expect(found.warnings).to.have.length(2);
    expect(found.warnings[0]).to.match(/app\/broken.*403/);
    expect(found.warnings[1]).to.match(/list the tags of .*app\/closed.*403/);
    expect(summaries(found)).to.deep.equal([
      "app/built 1 current  layers",
      "app/fresh 3_x current  layers pulumi-dhi",
      "app/renamed 1 current  annotation",
    ]);
  });

  it("are an error where a repository that is named cannot be listed", async () => {
    await expect(find(at("acme/base:3"), [`${proxy.host}/app/closed`])).to.be.rejectedWithError({ code: "unauthorized" });
  });

  it("are none in a repository without tags, with a warning", async () => {
    const found = await find(at("acme/base:3"), [at("nothing")]);
    expect(found.warnings).to.deep.equal([`${at("nothing")} has no tags; end its name with a slash to search what is below it`]);
  });

  it("are printed by pulumi-dhi descendants", async () => {
    const env = { PATH: process.env["PATH"], HOME: folder };
    const json = await runCommand(["descendants", at("acme/base:3"), "--in", at("app/fresh"), "--json"], folder, env);
    expect([json.code, json.stderr]).to.deep.equal([0, ""]);
    expect(JSON.parse(json.stdout)).to.deep.equal({
      base: { name: at("acme/base:3"), digest: now.top.digest },
      images: [
        {
          repository: at("app/fresh"),
          tags: ["3_x"],
          digest: (await open("app/fresh").headManifest("3_x"))?.digest,
          base: { name: at("acme/base:3"), digest: now.top.digest },
          age: "current",
          evidence: "layers",
          builder: "pulumi-dhi",
        },
      ],
      warnings: [],
    });
    const text = await runCommand(["descendants", at("acme/base:3"), "--in", at("app/stale"), at("app/fresh")], folder, env);
    expect([text.code, text.stderr]).to.deep.equal([0, ""]);
    expect(text.stdout.split("\n")).to.have.length(6);
    const wrong = await runCommand(["descendants", "Wrong", "--in", registry.host], folder, env);
    expect(wrong).to.deep.equal({
      code: 1,
      stdout: "",
      stderr: 'error: "Wrong" is not a valid repository. Repository names must be lower case\n',
    });
  });
});
