import { after, before, describe, it } from "mocha";
import { buildArchive, type ArchiveFiles } from "../../support/archives/archive.js";
import { makeKey, type ArchiveKey } from "../../support/archives/keys.js";
import { serveArchive, type ServedArchive } from "../../support/archives/serve.js";
import { openProject, publishBase, skipWithoutEngine, startWatchedRegistry } from "../../support/engine/index.js";
import type { EngineProject, WatchedRegistry } from "../../support/engine/index.js";
import { expect } from "../../support/expectations.js";
import { suiteUnless } from "../../support/skips.js";

const secret = "correct horse battery staple";
const urn = (type: string, name: string): string => `urn:pulumi:dev::test::pulumi-nodejs:dynamic/dhi:${type}::${name}`;
const short = (digest: unknown): string => String(digest).slice(0, 19);

describe(
  "pulumi-dhi status",
  suiteUnless(skipWithoutEngine, () => {
    let registry: WatchedRegistry;
    let project: EngineProject;
    let archive: ServedArchive;
    let key: ArchiveKey;
    const files: ArchiveFiles = new Map();
    const stock = async (version: string, date: string): Promise<void> => {
      const tool = { name: "tool", version, architecture: "all", files: [{ name: "usr/bin/tool", data: version, mode: 0o755 }] };
      const built = await buildArchive([{ suite: "bookworm", packages: { main: [tool] }, keys: [key], date: new Date(date) }]);
      for (const [path, bytes] of built) files.set(path, bytes);
    };
    const program = (more = ""): Promise<void> =>
      project.program(`
      const at = "${registry.host}/acme/";
      new dhi.OciArtifact("made", {
        repository: at + "made", tag: "1", distribution: "debian:bookworm", platforms: ["linux/amd64"], packages: ["tool"],
        packageSources: [{ url: ${JSON.stringify(archive.url)}, keys: [${JSON.stringify(key.armored)}] }],
      });
      const custom = new dhi.Customization("custom", {
        repository: at + "base", version: "3.13", suffix: "x", environment: { TOKEN: pulumi.secret(${JSON.stringify(secret)}) },
      });
      ${more}`);
    const outputs = (name: string): Readonly<Record<string, unknown>> =>
      project.state().resources.find((resource) => resource.name === name)?.outputs ?? {};

    before(async () => {
      key = await makeKey("archive");
      archive = await serveArchive(files);
      await stock("1.0-1", "2025-12-01");
      registry = await startWatchedRegistry();
      await publishBase(registry.open("acme/base"), "3.13");
      project = await openProject("");
      await program();
      const up = await project.up();
      expect(up.code, up.text).to.equal(0);
    });
    after(async () => {
      await project.remove();
      await registry.stop();
      await archive.stop();
    });

    it("says that a fresh stack is current, and ends with 0", async () => {
      expect(await project.command(["status"])).to.deep.equal({
        code: 0,
        stdout: [
          "image   type           status   digest",
          `custom  Customization  current  ${short(outputs("custom")["digest"])}`,
          `made    OciArtifact    current  ${short(outputs("made")["digest"])}`,
          "",
          "test/dev: 2 current",
          "",
        ].join("\n"),
        stderr: "",
      });
    });

    it("says why images are stale, with old and new versions, and ends with 2", async () => {
      const [custom, made] = [outputs("custom"), outputs("made")];
      await publishBase(registry.open("acme/base"), "3.13", { release: "2" });
      await stock("1.0-2", "2025-12-02");
      const state = project.state().text;
      registry.seen();
      const json = await project.command(["status", "--json", "--stack", "dev"]);
      expect(json.stderr).to.equal("");
      expect(json.code).to.equal(2);
      const now = JSON.parse(json.stdout) as { readonly images: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[] };
      const [customNow, madeNow] = now.images.map(({ digest }) => digest?.["new"]);
      const [oldBase, newBase] = [custom["base"], now.images[0]?.["base"]?.["new"]].map((base) => base as { readonly digest: string });
      expect(now).to.deep.equal({
        project: "test",
        stack: "dev",
        images: [
          {
            name: "custom",
            urn: urn("Customization", "custom"),
            type: "Customization",
            id: `${registry.host}/acme/base:3.13_x`,
            status: "stale",
            reasons: [`base 3.13: ${short(oldBase?.digest)} → ${short(newBase?.digest)}`],
            digest: { old: custom["digest"], new: customNow },
            base: { old: { tag: "3.13", digest: oldBase?.digest }, new: { tag: "3.13", digest: newBase?.digest } },
            tags: [{ name: "3.13_x", old: custom["digest"], new: customNow }],
            artifacts: [],
            packages: [],
            warnings: [],
          },
          {
            name: "made",
            urn: urn("OciArtifact", "made"),
            type: "OciArtifact",
            id: `${registry.host}/acme/made:1`,
            status: "stale",
            reasons: ["tool: 1.0-1 → 1.0-2"],
            digest: { old: made["digest"], new: madeNow },
            base: {},
            tags: [{ name: "1", old: made["digest"], new: madeNow }],
            artifacts: [],
            packages: [{ name: "tool", old: "1.0-1", new: "1.0-2", platforms: ["linux/amd64"] }],
            warnings: [],
          },
        ],
      });

      const markdown = await project.command(["status", "--markdown"]);
      expect(markdown).to.deep.equal({
        code: 2,
        stdout: [
          "<!-- pulumi-dhi status -->",
          "### Images of `test/dev`: 2 stale",
          "",
          "| image | status | from | to |",
          "| --- | --- | --- | --- |",
          `| \`custom\` | stale | \`${short(custom["digest"])}\` | \`${short(customNow)}\` |`,
          `| \`made\` | stale | \`${short(made["digest"])}\` | \`${short(madeNow)}\` |`,
          "",
          "#### `custom`",
          "",
          `\`${registry.host}/acme/base:3.13_x\``,
          "",
          `- \`base 3.13: ${short(oldBase?.digest)} → ${short(newBase?.digest)}\``,
          "",
          "#### `made`",
          "",
          `\`${registry.host}/acme/made:1\``,
          "",
          "- `tool: 1.0-1 → 1.0-2`",
          "",
          "| package | from | to | platforms |",
          "| --- | --- | --- | --- |",
          "| `tool` | `1.0-1` | `1.0-2` | `linux/amd64` |",
          "",
        ].join("\n"),
        stderr: "",
      });
      expect(json.stdout + markdown.stdout).to.not.include(secret);
      expect(project.state().text).to.equal(state);
      expect(registry.seen().filter((request) => !/^(?:GET|HEAD) /.test(request))).to.deep.equal([]);
    });

    it("leaves the selected stack as it is", async () => {
      await project.program("");
      await project.pulumi(["stack", "init", "other", "--no-select"]);
      expect(await project.command(["status", "--stack", "other"])).to.deep.equal({
        code: 0,
        stdout: "test/other has no images of pulumi-dhi\n",
        stderr: "",
      });
      expect((await project.pulumi(["stack", "--show-name"])).text).to.equal("dev\n");
    });

    it("says that an image depends on what is not known yet", async () => {
      await program(`
      class Tag extends pulumi.dynamic.Resource { constructor() { super({ create: async () => ({ id: "1", outs: { tag: "2" } }) }, "tag", { tag: undefined }); } }
      new dhi.OciArtifact("late", { repository: at + "late", tag: new Tag().tag, platforms: ["linux/amd64"] });`);
      const status = await project.command(["status"]);
      expect([status.code, status.stderr]).to.deep.equal([2, ""]);
      expect(status.stdout).to.include("late    OciArtifact    unknown\n  it depends on what is known only after up\n");
    });

    it("ends with 1 and the engine's words where the preview fails", async () => {
      await program(`new dhi.Customization("wrong", { repository: at + "base", version: "9", suffix: "x" });`);
      const failed = await project.command(["status", "--json"]);
      expect([failed.code, failed.stdout]).to.deep.equal([1, ""]);
      expect(failed.stderr).to.equal(
        "error: pulumi-nodejs:dynamic/dhi:Customization resource 'wrong' has a problem: " +
          `version: ${registry.host}/acme/base has no tag 9. Mirror it first, or use an existing tag\n`,
      );
      const absent = await project.command(["status", "--stack", "absent"]);
      expect(absent).to.deep.equal({ code: 1, stdout: "", stderr: "error: no stack named 'absent' found\n" });
      const empty = await project.command(["status", "--cwd", "/"]);
      expect(empty.code).to.equal(1);
      expect(empty.stderr).to.match(/^error: .*no Pulumi\.yaml project file found/);
    });

    it("ends with 1 where it cannot run", async () => {
      const options = await project.command(["status", "--json", "--markdown"]);
      expect([options.code, options.stderr]).to.deep.equal([1, "error: option '--json' cannot be used with option '--markdown'\n"]);
      const nowhere = await project.command(["status", "--cwd", "/nonexistent"]);
      expect([nowhere.code, nowhere.stderr]).to.deep.equal([1, "error: --cwd: the folder /nonexistent does not exist\n"]);
      const missing = await project.command(["status"], { PATH: "/nonexistent" });
      expect([missing.code, missing.stderr]).to.deep.equal([
        1,
        "error: the Pulumi CLI is not on PATH. Install it: https://www.pulumi.com/docs/install\n",
      ]);
    });
  }),
);
