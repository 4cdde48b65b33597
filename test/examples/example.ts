import { cp, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import type { ImageRepository } from "../../provider/registry/repository.js";
import { openProject, packageFolder, type EngineProject } from "../support/engine/index.js";

/** A copy of an example, with a stack `dev`; it writes nothing to the clone. */
export async function openExample(name: string): Promise<EngineProject> {
  const project = await openProject("", `dhi-example-${name}`);
  await copyExample(name, project.folder);
  // The compiler searches the types of Node beside the program.
  await symlink(join(packageFolder, "node_modules", "@types"), join(project.folder, "node_modules", "@types"));
  return project;
}

export async function copyExample(name: string, folder: string): Promise<void> {
  const source = join(packageFolder, "examples", name);
  await cp(source, folder, { recursive: true, filter: (path) => !["node_modules", "Pulumi.dev.yaml"].includes(basename(path)) });
}

/** A layout folder of a project, as the project names it. */
export function openLayout(project: EngineProject, text: string): ImageRepository {
  return openRepositories({ projectDirectory: project.folder, env: {} }).open(parseRepository(text));
}

/** The outputs of the stack. Throws when the command fails. */
export async function stackOutputs(project: EngineProject, flags: readonly string[] = []): Promise<Readonly<Record<string, unknown>>> {
  const { code, text } = await project.pulumi(["stack", "output", "--json", "--stack", "dev", ...flags]);
  if (code !== 0) throw new Error(text);
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}
