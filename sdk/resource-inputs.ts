import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createUrn, RunError, type CustomResourceOptions, type Inputs } from "@pulumi/pulumi";
import { watchTransformations } from "./final-inputs.js";
import { locateSecrets } from "./locate-secrets.js";

/**
 * The text that stays in state permanently as `__provider`: the host of dynamic providers runs it to find the code. Never a closure,
 * and never changed: older stacks contain it.
 */
export function providerText(name: "customization" | "ociArtifact" | "mirror"): string {
  return `exports.handler = () => require("pulumi-dhi/provider").${name};`;
}

/** The arguments that a resource is registered with. */
export interface Registration {
  readonly inputs: Inputs;
  readonly opts: CustomResourceOptions | undefined;
}

/** The inputs of a resource, with its outputs as undefined and what the provider needs besides them, and its options. */
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
      `${type} "${name}": the option import does not reach a dynamic provider. Leave it out: an image that is already published is adopted. ` +
        "To import state, use: pulumi import --file",
    );
  }
  requireProvider();
  const inputs = { ...Object.fromEntries(outputs.map((output) => [output, undefined])), ...args, __provider: provider };
  // An image that is only read is not checked, so no secret paths are needed.
  if (options?.id !== undefined) return { inputs, opts: options };
  const urn = createUrn(name, type, options?.parent);
  const { opts, final } = watchTransformations(options);
  return { inputs: { ...inputs, __urn: urn, __secrets: locateSecrets(final, urn) }, opts };
}

/**
 * The engine starts the provider in the project's folder and resolves the package from the `node_modules` above it, so it
 * must be installed there. A package that resolves itself does not count.
 */
function requireProvider(): void {
  const folders = createRequire(join(process.cwd(), "program.js")).resolve.paths("pulumi-dhi") ?? [];
  if (folders.some((folder) => existsSync(join(folder, "pulumi-dhi", "package.json")))) return;
  throw new RunError(
    `pulumi-dhi cannot be found from ${process.cwd()}, where the engine starts its provider. To install it there, run: npm install pulumi-dhi`,
  );
}
