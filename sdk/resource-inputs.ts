import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createUrn, RunError, type CustomResourceOptions, type Inputs } from "@pulumi/pulumi";
import { watchTransformations } from "./final-inputs.js";
import { tellSecrets } from "./told-secrets.js";

/**
 * What is stored in state as `__provider`, for ever: the host of dynamic providers runs it to find the code. It is never a
 * closure, and never changed: older stacks have it.
 */
export function providerText(name: "customization" | "ociArtifact"): string {
  return `exports.handler = () => require("pulumi-dhi/provider").${name};`;
}

/** What a resource is registered with. */
export interface Registration {
  readonly inputs: Inputs;
  readonly opts: CustomResourceOptions | undefined;
}

/** The arguments of a resource, its future outputs, what else the provider needs, and its options. */
export function prepareResource(
  type: string,
  provider: string,
  outputs: readonly string[],
  name: string,
  args: object | undefined,
  options: CustomResourceOptions | undefined,
): Registration {
  if (options?.import !== undefined) {
    throw new RunError(
      `${type} "${name}": the option import does not reach a dynamic provider. Leave it out: an image that is published already is adopted. ` +
        "To bring in state, use: pulumi import --file",
    );
  }
  requireProvider();
  const inputs = { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...args, __provider: provider };
  // A resource that is only read is not checked, so no secrets have to be recorded.
  if (options?.id !== undefined) return { inputs, opts: options };
  const urn = createUrn(name, type, options?.parent);
  const { opts, final } = watchTransformations(options);
  return { inputs: { ...inputs, __urn: urn, __secrets: tellSecrets(final, urn) }, opts };
}

/**
 * The engine starts the provider in the project's folder and looks for it in the `node_modules` above, so that is where
 * it must be. A package that resolves itself does not count.
 */
function requireProvider(): void {
  const folders = createRequire(join(process.cwd(), "program.js")).resolve.paths("pulumi-dhi") ?? [];
  if (folders.some((folder) => existsSync(join(folder, "pulumi-dhi", "package.json")))) return;
  throw new RunError(
    `pulumi-dhi cannot be found from ${process.cwd()}, where the engine starts its provider. Run there: npm install pulumi-dhi`,
  );
}
