import { after, before, describe, it } from "mocha";
import { openStage, publishBase, skipWithoutEngine, type Stage } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";
import { withoutKept } from "../support/images/kept-tags.js";

type Args = Readonly<Record<string, unknown>>;

const script = { path: "/opt/run", content: "one\n", uid: 0, gid: 0, mode: "0755" };
const file = { path: "/opt/file", source: "one.txt" };

/** By property: arguments before and after. */
const changes: Readonly<Record<string, readonly [before: Args, after: Args]>> = {
  scripts: [{ scripts: [script] }, { scripts: [{ ...script, content: "two\n" }] }],
  "script-mode": [{ scripts: [script] }, { scripts: [{ ...script, mode: "0700" }] }],
  "script-owner": [{ scripts: [script] }, { scripts: [{ ...script, uid: 5 }] }],
  files: [{ files: [file] }, { files: [{ ...file, source: "two.txt" }] }],
  directories: [{ directories: [{ path: "/opt/a" }] }, { directories: [{ path: "/opt/a", mode: "0700" }] }],
  platforms: [{ platforms: ["linux/amd64"] }, { platforms: ["linux/amd64", "linux/arm64"] }],
  entrypoint: [{ entrypoint: ["a"] }, { entrypoint: { mode: "replace", args: ["b"] } }],
  cmd: [{}, { cmd: ["c"] }],
  users: [{ users: [{ name: "app", uid: 7 }] }, { users: [{ name: "app", uid: 8 }] }],
  groups: [{ groups: [{ name: "app", gid: 7 }] }, { groups: [] }],
  runAs: [{ runAs: "nobody" }, { runAs: 0 }],
  workingDirectory: [{}, { workingDirectory: "/opt" }],
  stopSignal: [{}, { stopSignal: "SIGQUIT" }],
  exposedPorts: [{ exposedPorts: ["8080"] }, { exposedPorts: ["8080", "53/udp"] }],
  volumes: [{}, { volumes: ["/data"] }],
  environment: [{ environment: { A: "1", B: "2" } }, { environment: { A: "1", B: null } }],
  annotations: [{ annotations: { a: "1" } }, { annotations: { a: "2" } }],
  labels: [{ labels: { a: "1" } }, {}],
  compression: [{ scripts: [script] }, { scripts: [script], compression: "zstd" }],
};

describe(
  "a change of one property",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    const digests: Record<string, unknown> = {};
    const declare = (which: 0 | 1): Promise<void> => {
      const base = { repository: stage.at("base"), version: "3.13" };
      const images = Object.entries(changes).map(([name, both]) => [name, { ...base, suffix: name, ...both[which] }]);
      return stage.declare({ ...(Object.fromEntries(images) as Record<string, Args>), same: { ...base, suffix: "same", cmd: ["x"] } });
    };
    before(async () => {
      stage = await openStage();
      for (const name of ["one", "two"]) await stage.project.write(`${name}.txt`, name);
      await declare(0);
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      Object.assign(digests, stage.project.state().outputs["digests"]);
      await declare(1);
    });
    after(() => stage.close());

    it("updates in place, to the digest that the preview shows, and reports what changed", async () => {
      const preview = await stage.project.preview();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      const updates = Object.keys(changes).map((name) => [name, "update"]);
      expect(up.ops).to.deep.equal({ ...Object.fromEntries(updates), same: "same" });
      for (const name of Object.keys(changes)) {
        const promised = preview.step(name).inputs["digest"];
        expect(promised, name).to.not.equal(digests[name]);
        expect(up.step(name).outputs["digest"], name).to.equal(promised);
        expect(await stage.registry.digestOf("acme/base", `3.13_${name}`), name).to.equal(promised);
        const reasons = up.step(name).outputs["reasons"];
        expect(String(reasons)).to.match(new RegExp(`^${name.replace(/^script-.*/, "scripts")}.* changed$`));
      }
      const again = await stage.project.up({ flags: ["--expect-no-changes"] });
      expect(again.code, again.text).to.equal(0);
    });
  }),
);

describe(
  "a change that keeps the image",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage();
    });
    after(() => stage.close());

    it("updates without an upload", async () => {
      const base = { repository: stage.at("base"), version: "3.13", labels: { a: "b" } };
      const more = (suffix: string, tags: readonly string[]) => ({ ...base, suffix, additionalTags: tags });
      await stage.declare({
        pin: { ...base, suffix: "pin" },
        overwrite: { ...base, suffix: "overwrite" },
        tags: more("tags", ["goes", "stays"]),
      });
      const first = await stage.project.up();
      expect(first.code, first.text).to.equal(0);
      const digest = first.step("pin").outputs["digest"];
      const pin = String(await stage.registry.digestOf("acme/base", "3.13"));
      await stage.declare({
        pin: { ...base, suffix: "pin", version: `3.13@${pin}` },
        overwrite: { ...base, suffix: "overwrite", overwrite: true },
        tags: more("tags", ["stays", "comes"]),
      });
      stage.registry.seen();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      expect(up.ops).to.deep.equal({ pin: "update", overwrite: "update", tags: "update" });
      const writes = stage.registry.seen().filter((request) => /^(PUT|POST|PATCH) /.test(request) && !request.includes("/3.13_"));
      // The last is the throw-away manifest with which Debian's registry removes a tag.
      expect(writes.slice(0, 1)).to.deep.equal(["PUT /v2/acme/base/manifests/comes"]);
      expect(withoutKept(await stage.registry.open("acme/base").listTags())).to.deep.equal([
        "3.13",
        "3.13_overwrite",
        "3.13_pin",
        "3.13_tags",
        "comes",
        "stays",
      ]);
      for (const tag of ["3.13_overwrite", "3.13_pin", "3.13_tags", "comes", "stays"])
        expect(await stage.registry.digestOf("acme/base", tag), tag).to.equal(digest);
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
    });
  }),
);

describe(
  "a change of the tag",
  suiteUnless(skipWithoutEngine, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage({ program: "registry" });
      await publishBase(stage.registry.open("acme/base"), "3.14", { release: "2" });
      await publishBase(stage.registry.open("acme/mirror"), "3.13", { release: "3" });
    });
    after(() => stage.close());

    it("replaces: the new tag exists before the old one is deleted", async () => {
      const base = { repository: stage.at("base"), version: "3.13", cmd: ["x"] };
      const artifact = { type: "OciArtifact", repository: stage.at("files"), directories: [{ path: "/opt" }] };
      await stage.declare({
        suffix: { ...base, suffix: "one" },
        version: { ...base, suffix: "version" },
        destination: { ...base, suffix: "moved" },
        tag: { ...artifact, tag: "1" },
        mirror: { ...base, suffix: "mirror", destination: stage.at("mirrored") },
      });
      expect((await stage.project.up()).code).to.equal(0);
      await stage.declare({
        suffix: { ...base, suffix: "two" },
        version: { ...base, version: "3.14", suffix: "version" },
        destination: { ...base, suffix: "moved", destination: stage.at("elsewhere") },
        tag: { ...artifact, tag: "2" },
        mirror: { ...base, repository: stage.at("mirror"), suffix: "mirror", destination: stage.at("mirrored") },
      });
      stage.registry.seen();
      const preview = await stage.project.preview();
      const up = await stage.project.up();
      expect(up.code, up.text).to.equal(0);
      const replaced = "create-replacement+replace+delete-replaced";
      expect(up.ops).to.deep.equal({ suffix: replaced, version: replaced, destination: replaced, tag: replaced, mirror: "update" });
      const requests = stage.registry.seen();
      const moves = [
        ["base/manifests/3.13_two", "base/manifests/3.13_one"],
        ["base/manifests/3.14_version", "base/manifests/3.13_version"],
        ["elsewhere/manifests/3.13_moved", "base/manifests/3.13_moved"],
        ["files/manifests/2", "files/manifests/1"],
      ] as const;
      for (const [put, gone] of moves) {
        const at = requests.indexOf(`PUT /v2/acme/${put}`);
        expect(at, `${put} before ${gone}`).to.be.at.least(0);
        expect(at, `${put} before ${gone}`).to.be.below(requests.indexOf(`DELETE /v2/acme/${gone}`));
      }
      expect(withoutKept(await stage.registry.open("acme/base").listTags())).to.deep.equal(["3.13", "3.13_two", "3.14", "3.14_version"]);
      expect(withoutKept(await stage.registry.open("acme/elsewhere").listTags())).to.deep.equal(["3.13_moved"]);
      expect(withoutKept(await stage.registry.open("acme/files").listTags())).to.deep.equal(["2"]);
      const created = preview.steps.find(({ name, op }) => name === "version" && op === "create-replacement");
      expect(await stage.registry.digestOf("acme/base", "3.14_version")).to.equal(created?.inputs["digest"]);
      expect((await stage.project.up({ flags: ["--expect-no-changes"] })).code).to.equal(0);
    });
  }),
);
