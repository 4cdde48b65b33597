import type { CustomResourceOptions, Inputs, Resource, ResourceTransformation } from "@pulumi/pulumi";

/** Properties and options as they are when all transformations have run. */
export interface FinalInputs {
  readonly props: Inputs;
  readonly opts: CustomResourceOptions;
}

/** Internal to `@pulumi/pulumi`: what a resource runs in its constructor, its own transformations first, then its parents' and the stack's. */
interface Transformed extends Resource {
  readonly __transformations?: ResourceTransformation[];
}

/**
 * Options with a transformation that changes nothing and is the last to run, and what it sees. Undefined if this version of
 * `@pulumi/pulumi` does not let it be the last.
 */
export function watchTransformations(options: CustomResourceOptions = {}): {
  readonly opts: CustomResourceOptions;
  readonly final: Promise<FinalInputs | undefined>;
} {
  let own: Resource | undefined;
  let seen: FinalInputs | undefined;
  // Children run the transformations of their parent too.
  const last: ResourceTransformation = ({ resource, props, opts }) => {
    if (resource === own) seen = { props, opts };
    return undefined;
  };
  const first: ResourceTransformation = ({ resource }) => {
    if (own !== undefined) return undefined;
    own = resource;
    // The list is being walked: what is added now runs after the parents' and the stack's.
    (resource as Transformed).__transformations?.push(last);
    return undefined;
  };
  const opts = { ...options, transformations: [first, ...(options.transformations ?? [])] };
  // All of them have run when the constructor ends.
  return { opts, final: Promise.resolve().then(() => seen) };
}
