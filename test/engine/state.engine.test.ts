import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { openRepositories } from "../../provider/registry/open.js";
import type { ImageRepository } from "../../provider/registry/repository.js";
import { openProject, packageFolder, publishBase, skipWithoutEngine, type EngineProject } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";
import { suiteUnless } from "../support/skips.js";

/**
 * Exported stacks of releases, which the current code must be able to continue. Run this test with DHI_WRITE_STATE=<version> to create
 * a new one; old ones are never changed. Layout folders, as their names do not depend on the machine.
 */
const folder = join(packageFolder, "test", "engine", "fixtures");

const program = `
  const tools = new dhi.OciArtifact("tools", { repository: "oci:./images/tools", tag: "1", directories: [{ source: "./tools", path: "/opt/tools" }] });
  const one = new dhi.Customization("one", {
    repository: "oci:./images/base", version: "3.13", suffix: "custom", additionalTags: ["latest"],
    artifacts: [{ image: tools.ref, includes: ["/opt/tools"] }],
    scripts: [{ path: "/opt/run", content: "#!/bin/sh\\n", uid: 0, gid: 0, mode: "0755" }],
    users: [{ name: "app", uid: 1001 }], runAs: "app", entrypoint: ["--verbose"], cmd: { mode: "clear" },
    environment: { LOG_LEVEL: "info", TOKEN: pulumi.secret("a token of the fixture") }, labels: { a: "b" }, annotations: { c: "d" },
  });
  exports.ref = one.ref;
`;

interface Stored {
  /** Of the stack's passphrase, which is empty. */
  readonly encryptionsalt: string;
  readonly deployment: { readonly resources: readonly { readonly type: string; readonly outputs?: Readonly<Record<string, unknown>> }[] };
}

const fixtures = existsSync(folder) ? readdirSync(folder).filter((name) => /^state-.*\.json$/.test(name)) : [];

async function openFixtureProject(): Promise<{ readonly project: EngineProject; readonly images: ImageRepository }> {
  const project = await openProject(program);
  await project.write("tools/hello", "hello\n");
  await project.write("tools/run", "#!/bin/sh\n", 0o755);
  const images = openRepositories({ projectDirectory: project.folder }).open({ kind: "layout", path: "./images/base" });
  await publishBase(images, "3.13");
  return { project, images };
}

describe(
  "a stack of an earlier release",
  suiteUnless(skipWithoutEngine, () => {
    it("has a fixture of this release", () => {
      expect(fixtures, fixtures.join()).to.include("state-0.1.0.json");
    });

    for (const name of fixtures) {
      describe(name, () => {
        const stored = JSON.parse(readFileSync(join(folder, name), "utf8")) as Stored;
        const old = stored.deployment.resources.find(({ type }) => type.endsWith("dhi:Customization"))?.outputs;
        let project: EngineProject;
        let images: ImageRepository;
        before(async () => {
          ({ project, images } = await openFixtureProject());
          await project.write("Pulumi.dev.yaml", `encryptionsalt: ${stored.encryptionsalt}\n`);
          await project.write("state.json", JSON.stringify({ version: 3, deployment: stored.deployment }));
          const imported = await project.pulumi(["stack", "import", "--file", "state.json", "--stack", "dev"]);
          expect(imported.code, imported.text).to.equal(0);
        });
        after(() => project.remove());

        it("is previewed with only the missing tags as a change, and the same digest", async () => {
          const preview = await project.preview();
          expect(preview.code, preview.text).to.equal(0);
          expect(preview.ops).to.deep.equal({ tools: "update", one: "update" });
          expect(preview.step("one").inputs["digest"]).to.equal(old?.["digest"]);
          expect(preview.step("one").inputs["drift"]).to.deep.equal({ "3.13_custom": "missing", latest: "missing" });
        });

        it("is repaired to exactly the bytes that were promised", async () => {
          const up = await project.up();
          expect(up.code, up.text).to.equal(0);
          expect((await images.headManifest("3.13_custom"))?.digest).to.equal(old?.["digest"]);
          const again = await project.up({ flags: ["--expect-no-changes"] });
          expect(again.code, again.text).to.equal(0);
        });

        it("is refreshed and destroyed", async () => {
          const refresh = await project.refresh({ flags: ["--expect-no-changes"] });
          expect(refresh.code, refresh.text).to.equal(0);
          const destroy = await project.destroy();
          expect(destroy.code, destroy.text).to.equal(0);
          expect(await images.listTags()).to.deep.equal(["3.13"]);
        });
      });
    }
  }),
);

const version = process.env["DHI_WRITE_STATE"] ?? "";
if (version !== "") {
  it("exports a stack of this release", async () => {
    const { project } = await openFixtureProject();
    cleanup(() => project.remove());
    const up = await project.up();
    expect(up.code, up.text).to.equal(0);
    const exported = await project.pulumi(["stack", "export", "--file", "state.json", "--stack", "dev"]);
    expect(exported.code, exported.text).to.equal(0);
    const salt = /^encryptionsalt: (.*)$/m.exec(readFileSync(join(project.folder, "Pulumi.dev.yaml"), "utf8"))?.[1];
    const places: ReadonlySet<string> = new Set(["sourcePosition", "stackTrace"]);
    // The program's path on this machine is not part of it.
    const omitPlaces = (key: string, value: unknown): unknown => (places.has(key) ? undefined : value);
    const { deployment } = JSON.parse(readFileSync(join(project.folder, "state.json"), "utf8"), omitPlaces) as {
      readonly deployment: object;
    };
    writeFileSync(join(folder, `state-${version}.json`), `${JSON.stringify({ encryptionsalt: salt, deployment }, undefined, 2)}\n`);
  });
}
