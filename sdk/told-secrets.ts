import type { Output } from "@pulumi/pulumi";
import { followTransforms, mayBeTransformed } from "./engine-transforms.js";
import type { FinalInputs } from "./final-inputs.js";
import { findSecretPaths } from "./secret-paths.js";

/** For whatever may hold a secret: the provider knows its inputs. It is not JSON, so that an older provider refuses it. */
const anything = "*";

/** `__secrets`: where the inputs hold secrets (JSON), or `*` where they could not be looked at, when all transformations and transforms have run. `urn` is the resource's own. */
export async function tellSecrets(final: Promise<FinalInputs | undefined>, urn: Output<string>): Promise<string> {
  const seen = await final;
  const paths = seen === undefined ? undefined : await findSecretPaths(seen.props);
  // The engine has the transforms of the parents when these have their URN. A parent that fails fails the registration by itself.
  await (urn as unknown as { promise(): Promise<string> }).promise().catch(() => undefined);
  if (paths !== undefined && !mayBeTransformed(seen?.opts ?? {})) return paths;
  await followTransforms();
  // This value stays until the engine has run our transform, or for good if it could not run it.
  return anything;
}
