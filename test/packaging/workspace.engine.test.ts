import { dirname, join } from "node:path";
import { mkdir, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "mocha";
import { skipWithoutEngine, type EngineProject } from "../support/engine/index.js";
import { suiteUnless } from "../support/skips.js";
import { checkProject, declarations, npmInstall, openBareProject, packTarball, pulumiVersion, type Tarball } from "./installed.js";

/** The project is one member of an npm workspace, a package that wraps pulumi-dhi another; npm installs pulumi-dhi above both. */
describe(
  "an npm workspace",
  suiteUnless(skipWithoutEngine, () => {
    let project: EngineProject;
    let tarball: Tarball;
    before(async () => {
      tarball = await packTarball();
      project = await openBareProject();
      const root = dirname(project.folder);
      const write = (path: string, content: unknown): Promise<void> =>
        writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
      await mkdir(join(root, "images"));
      const peers = { "@pulumi/pulumi": await pulumiVersion() };
      await write("package.json", { name: "acme", private: true, workspaces: ["project", "images"] });
      await write("images/package.json", {
        name: "@acme/images",
        version: "1.0.0",
        dependencies: { "pulumi-dhi": `file:${tarball.file}` },
        peerDependencies: peers,
      });
      await write("images/index.js", 'exports.dhi = require("pulumi-dhi");');
      await write("project/package.json", {
        name: "@acme/infra",
        version: "1.0.0",
        dependencies: { "@acme/images": "1.0.0", ...peers },
      });
      await npmInstall(root);
    });
    after(async () => {
      await project.remove();
      await tarball.remove();
    });

    const mains = { "a file": "program/index.js", "a folder": "program" };
    for (const [name, main] of Object.entries(mains)) {
      it(`serves a program in a subfolder, main being ${name}, behind a package that wraps it`, async () => {
        await project.write("program/index.js", `const { dhi } = require("@acme/images");\n${declarations} exports.ref = image.ref;`);
        await project.write("program/package.json", JSON.stringify({ name: "program", main: "index.js" }));
        await project.write("Pulumi.yaml", JSON.stringify({ name: "packaging", runtime: "nodejs", main }));
        await checkProject(project);
      });
    }
  }),
);
