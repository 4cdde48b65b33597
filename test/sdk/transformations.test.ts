import { secret, type CustomResourceOptions, type Resource, type ResourceTransformation } from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { watchTransformations } from "../../sdk/final-inputs.js";
import { expect, expectThat } from "../support/expectations.js";

/** How the constructor of a resource treats them (sdk/nodejs/resource.ts). */
function construct(opts: CustomResourceOptions, inherited: readonly ResourceTransformation[], props: object, walked = true): Resource {
  const resource = { __transformations: [...(opts.transformations ?? []), ...inherited] } as unknown as Resource;
  const list = (resource as unknown as { readonly __transformations: readonly ResourceTransformation[] }).__transformations;
  let args = { resource, type: "t", name: "n", props, opts };
  for (const transform of walked ? list : [...list]) args = { ...args, ...(transform(args) ?? {}) };
  return resource;
}

const add =
  (name: string): ResourceTransformation =>
  ({ props, opts }) => ({ props: { ...props, [name]: secret(name) }, opts: { ...opts, protect: true } });

describe("the result of transformations", () => {
  it("is seen after the resource's own, its parents' and the stack's, with the options", async () => {
    const { opts, final } = watchTransformations({ transformations: [add("own")], retainOnDelete: true });
    construct(opts, [add("parent"), add("stack")], { plain: 1 });
    const seen = await final;
    expect(Object.keys(seen?.props ?? {})).to.deep.equal(["plain", "own", "parent", "stack"]);
    expect(seen?.opts.protect).to.equal(true);
    expectThat(seen !== undefined);
    expect(seen.opts.retainOnDelete).to.equal(true);
  });

  it("is the resource's own, not that of its children, which run its transformations too", async () => {
    const { opts, final } = watchTransformations();
    const parent = construct(opts, [], { of: "parent" });
    construct({}, (parent as unknown as { readonly __transformations: readonly ResourceTransformation[] }).__transformations, {
      of: "child",
    });
    expect((await final)?.props).to.deep.equal({ of: "parent" });
  });

  it("is undefined where the list is copied before it is iterated", async () => {
    const { opts, final } = watchTransformations();
    construct(opts, [add("stack")], {}, false);
    expect(await final).to.equal(undefined);
  });
});
