import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { openProject, packageFolder, type EngineProject } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { runProgram } from "../support/images/programs.js";

/** The packed package, as it is published. */
export interface Tarball {
  readonly file: string;
  remove(): Promise<void>;
}

/** Packs the files that `npm publish` would send. */
export async function packTarball(): Promise<Tarball> {
  const folder = await mkdtemp(join(tmpdir(), "dhi-pack-"));
  await runProgram("npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder], { cwd: packageFolder });
  const [name, ...others] = await readdir(folder);
  expect(others).to.deep.equal([]);
  return { file: join(folder, name ?? ""), remove: () => rm(folder, { recursive: true }) };
}

/** The version of the SDK that the tests run with, so that the tested version is installed. */
export async function pulumiVersion(): Promise<string> {
  const file = join(packageFolder, "node_modules", "@pulumi", "pulumi", "package.json");
  return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
}

/** A project without installed packages. */
export async function openBareProject(): Promise<EngineProject> {
  const project = await openProject("", "packaging");
  await rm(join(project.folder, "node_modules"), { recursive: true });
  return project;
}

const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"];

/** `npm install` in a folder, with the machine's own settings. */
export async function npmInstall(folder: string, ...packages: readonly string[]): Promise<void> {
  await runProgram("npm", ["install", ...quiet, ...packages], { cwd: folder });
}

/** A base from scratch and a customization of it, as the program text after the import of `dhi`. */
export const declarations = `
const base = new dhi.OciArtifact("base", {
  repository: "oci:registry", tag: "1", platforms: ["linux/amd64"],
  scripts: [{ path: "/usr/bin/app", content: "#!/bin/sh\\n", uid: 0, gid: 0, mode: "0755" }],
});
const image = new dhi.Customization("image", {
  repository: base.asBase.repository, version: base.asBase.version, suffix: "custom", environment: { LOG_LEVEL: "info" },
});
`;

/** Previews and publishes the declarations; the layout is in the project's folder, wherever its program is. */
export async function checkProject(project: EngineProject): Promise<void> {
  const preview = await project.preview();
  expect(preview.code, preview.text).to.equal(0);
  const up = await project.up();
  expect(up.code, up.text).to.equal(0);
  expect(up.ops).to.deep.equal({ base: "create", image: "create" });
  const layout = openRepositories({ projectDirectory: project.folder, env: {} }).open(parseRepository("oci:registry"));
  const tag = await layout.headManifest("1_custom");
  expect(tag?.digest).to.equal(preview.step("image").inputs["digest"]);
  const destroyed = await project.destroy();
  expect(destroyed.code, destroyed.text).to.equal(0);
  expect(await layout.listTags()).to.deep.equal([]);
}

/** The error of a program where the engine would not find the provider. */
export const notFound =
  /pulumi-dhi cannot be found from \S+, where the engine starts its provider\. To install it there, run: npm install pulumi-dhi/;
