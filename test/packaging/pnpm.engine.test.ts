import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "mocha";
import { skipWithoutEngine, type EngineProject } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { runProgram } from "../support/images/programs.js";
import { suiteUnless } from "../support/skips.js";
import {
  checkProject,
  declarations,
  notFound,
  npmInstall,
  openBareProject,
  packTarball,
  pulumiVersion,
  type Tarball,
} from "./installed.js";

/** pnpm lets a project resolve only its own dependencies, not theirs. */
describe(
  "the packed package, installed with pnpm",
  suiteUnless(skipWithoutEngine, () => {
    let project: EngineProject;
    let tarball: Tarball;
    let install: (dependencies: Readonly<Record<string, string>>) => Promise<void>;
    before(async () => {
      tarball = await packTarball();
      project = await openBareProject();
      const root = dirname(project.folder);
      const tool = join(root, "tool");
      await mkdir(tool);
      await writeFile(join(tool, "package.json"), "{}");
      await npmInstall(tool, "pnpm");
      install = async (dependencies) => {
        await project.write("package.json", JSON.stringify({ name: "infra", private: true, dependencies }));
        const args = ["install", "--no-frozen-lockfile", "--prefer-offline", "--ignore-scripts", "--store-dir", join(root, "store")];
        await runProgram(join(tool, "node_modules", ".bin", "pnpm"), args, { cwd: project.folder, env: { ...process.env, CI: "true" } });
      };
    });
    after(async () => {
      await project.remove();
      await tarball.remove();
    });

    it("serves a program", async () => {
      await install({ "pulumi-dhi": `file:${tarball.file}`, "@pulumi/pulumi": await pulumiVersion() });
      await project.program(`${declarations} exports.ref = image.ref;`);
      await checkProject(project);
    });

    it("explains what to do behind a package that wraps it, and works after that", async () => {
      const pulumi = await pulumiVersion();
      const wrapper = {
        name: "@acme/images",
        version: "1.0.0",
        dependencies: { "pulumi-dhi": `file:${tarball.file}` },
        peerDependencies: { "@pulumi/pulumi": pulumi },
      };
      await project.write("images/package.json", JSON.stringify(wrapper));
      await project.write("images/index.js", 'exports.dhi = require("pulumi-dhi");');
      await project.write("index.js", `const { dhi } = require("@acme/images");\n${declarations}`);
      const wrapped = { "@acme/images": "file:./images", "@pulumi/pulumi": pulumi };
      await install(wrapped);
      const { code, text } = await project.preview();
      expect(code).to.not.equal(0);
      expect(text).to.match(notFound);

      await install({ ...wrapped, "pulumi-dhi": `file:${tarball.file}` });
      await checkProject(project);
    });
  }),
);
