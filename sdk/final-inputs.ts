import type { CustomResourceOptions, Inputs, Resource, ResourceTransformation } from "@pulumi/pulumi";

/** Properties and options after all transformations have run. */
export interface FinalInputs {
  readonly props: Inputs;
  readonly opts: CustomResourceOptions;
}

/**
 * Internal to `@pulumi/pulumi`: what a resource runs in its constructor, its own transformations first, then its parents' and the stack's.
 */
interface Transformed extends Resource {
  readonly __transformations?: ResourceTransformation[];
}

/**
 * Adds a transformation that changes nothing and runs last, and returns what it sees: undefined where this version of `@pulumi/pulumi` does
 * not run it last.
 */
export function watchTransformations(options: CustomResourceOptions = {}): {
  readonly opts: CustomResourceOptions;
  readonly final: Promise<FinalInputs | undefined>;
} {
  let own: Resource | undefined;
  let seen: FinalInputs | undefined;
  // Children run their parent's transformations too.
  const last: ResourceTransformation = ({ resource, props, opts }) => {
    if (resource === own) seen = { props, opts };
    return undefined;
  };
  const first: ResourceTransformation = ({ resource }) => {
    if (own !== undefined) return undefined;
    own = resource;
    // The list is being iterated: what is added now runs after the parents' and the stack's.
    (resource as Transformed).__transformations?.push(last);
    return undefined;
  };
  const opts = { ...options, transformations: [first, ...(options.transformations ?? [])] };
  // All of them have run when the constructor ends.
  return { opts, final: Promise.resolve().then(() => seen) };
}
