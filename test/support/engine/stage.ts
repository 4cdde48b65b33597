import { openProject, type EngineProject } from "./project.js";
import { startWatchedRegistry, type WatchedRegistry } from "./registry.js";
import { publishBase } from "./base-image.js";
import type { RegistryOptions } from "../registries/index.js";

/** Resources by name: their arguments, including `type` (default Customization) and `opts`. */
export type Declarations = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A registry with `acme/base:3.13`, and a project whose program the test declares. */
export interface Stage {
  readonly registry: WatchedRegistry;
  readonly project: EngineProject;
  /** `host/acme/<name>` */
  at(name: string): string;
  /** Declares the resources of the program from the next run on. */
  declare(images: Declarations): Promise<void>;
  close(): Promise<void>;
}

const program = `
const images = JSON.parse(require("fs").readFileSync("images.json", "utf8"));
exports.digests = {};
for (const [name, { type = "Customization", opts, ...args }] of Object.entries(images)) exports.digests[name] = new dhi[type](name, args, opts).digest;
`;

export async function openStage(options: RegistryOptions = {}): Promise<Stage> {
  const registry = await startWatchedRegistry(options);
  await publishBase(registry.open("acme/base"), "3.13", { architectures: ["amd64", "arm64"] });
  const project = await openProject(program);
  return {
    registry,
    project,
    at: (name) => `${registry.host}/acme/${name}`,
    declare: (images) => project.write("images.json", JSON.stringify(images)),
    close: async () => {
      await project.remove();
      await registry.stop();
    },
  };
}
