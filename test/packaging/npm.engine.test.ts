import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { packageFolder, skipWithoutEngine, type EngineProject } from "../support/engine/index.js";
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

describe(
  "the packed package, installed with npm",
  suiteUnless(skipWithoutEngine, () => {
    let project: EngineProject;
    let tarball: Tarball;
    before(async () => {
      tarball = await packTarball();
      project = await openBareProject();
      await npmInstall(project.folder, tarball.file, `@pulumi/pulumi@${await pulumiVersion()}`);
    });
    after(async () => {
      await project.remove();
      await tarball.remove();
    });

    it("serves a CommonJS program", async () => {
      await project.program(`${declarations} exports.ref = image.ref;`);
      await checkProject(project);
    });

    it("serves an ESM program", async () => {
      const program = `import * as dhi from "pulumi-dhi";\nimport { Customization } from "pulumi-dhi";\n${declarations}
      if (!(image instanceof Customization)) throw new Error("two copies");
      export const ref = image.ref;`;
      await project.write("esm/index.mjs", program);
      await project.write("Pulumi.yaml", JSON.stringify({ name: "packaging", runtime: "nodejs", main: "esm/index.mjs" }));
      await checkProject(project);
    });

    const settings = {
      "Node's own resolution": ["--module", "nodenext", "--moduleResolution", "nodenext"],
      "that of Pulumi's templates": ["--module", "commonjs", "--moduleResolution", "node10"],
      "a bundler's": ["--module", "esnext", "--moduleResolution", "bundler"],
    };
    for (const [name, flags] of Object.entries(settings)) {
      it(`has types for ${name}`, async () => {
        const program = `import * as dhi from "pulumi-dhi";
        const baseline: dhi.ContentArgs = { runAs: "app", environment: { TZ: "UTC", OLD: null } };
        export const { ref } = new dhi.Customization("image", { repository: "oci:registry", version: "1", suffix: "x", ...baseline });
        // @ts-expect-error A number is not a valid suffix.
        new dhi.Customization("wrong", { repository: "oci:registry", version: "1", suffix: 1 });`;
        await project.write("types/program.ts", program);
        const tsc = join(packageFolder, "node_modules", ".bin", "tsc");
        const strict = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022"];
        expect(await runProgram(tsc, [...strict, ...flags, "types/program.ts"], { cwd: project.folder })).to.equal("");
      });
    }

    it("has a command line", async () => {
      const program = join(project.folder, "node_modules", ".bin", "pulumi-dhi");
      const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8")) as { version: string };
      expect(await runProgram(program, ["--version"], { cwd: project.folder })).to.equal(`${version}\n`);
    });

    it("explains what to do where only the package itself can resolve it", async () => {
      await rm(join(project.folder, "node_modules", "pulumi-dhi"), { recursive: true });
      await runProgram("tar", ["-xzf", tarball.file, "--strip-components=1"], { cwd: project.folder });
      await project.write("Pulumi.yaml", JSON.stringify({ name: "packaging", runtime: "nodejs", main: "index.js" }));
      await project.program(declarations);
      const { code, text } = await project.preview();
      expect(code).to.not.equal(0);
      expect(text).to.match(notFound);
    });
  }),
);
