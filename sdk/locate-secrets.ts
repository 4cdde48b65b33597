import type { Output } from "@pulumi/pulumi";
import { followTransforms, mayBeTransformed } from "./engine-transforms.js";
import type { FinalInputs } from "./final-inputs.js";
import { findSecretPaths } from "./secret-paths.js";

/** For everything that may contain a secret: the provider knows its inputs. Not JSON, so that an older provider rejects it. */
const anything = "*";

/**
 * The value of `__secrets`: where the inputs contain secrets (JSON) after all transformations and transforms have run, or `*` where they
 * could not be examined. `urn` is the resource's own.
 */
export async function locateSecrets(final: Promise<FinalInputs | undefined>, urn: Output<string>): Promise<string> {
  const seen = await final;
  const paths = seen === undefined ? undefined : await findSecretPaths(seen.props);
  // The engine has registered the parents' transforms once they have their URN. A parent that fails fails the registration itself.
  await (urn as unknown as { promise(): Promise<string> }).promise().catch(() => undefined);
  if (paths !== undefined && !mayBeTransformed(seen?.opts ?? {})) return paths;
  await followTransforms();
  // Applies until the engine has run our transform, or permanently where it could not.
  return anything;
}
