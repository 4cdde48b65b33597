import { z } from "zod";
import { parseDistribution } from "../../packages/root/distribution.js";
import { object, parsed, repository, tag } from "../../pipeline/spec/schema.js";
import { imageInputs } from "../../pipeline/spec/image-inputs.js";
import type { Identity, ImageKind, ImageSpec } from "../../pipeline/spec/image-spec.js";
import type { ValueMap } from "../../values.js";

const distribution = parsed("a distribution such as debian:bookworm", (value) => parseDistribution(value, ""));

const shape = { repository, tag, distribution: distribution.optional(), ...imageInputs };

const schema = object(shape).transform((value, context): ImageSpec => {
  const { repository: to, tag: name, distribution: of, ...inputs } = value;
  if (of === undefined && (inputs.packages ?? []).length > 0) {
    const message = "is missing, and packages are those of a distribution. Give a distribution such as debian:bookworm";
    context.addIssue({ code: "custom", path: ["distribution"], message });
    return z.NEVER;
  }
  return { base: undefined, destination: to.repository, tags: [{ tag: name, property: "tag" }], inputs, distribution: of };
});

/** An image from scratch. */
export const ociArtifactKind: ImageKind = {
  schema,
  inputs: new Set(Object.keys(shape)),
  identity: ["repository", "tag"],
  shown: ["repository", "tag"],
  identify,
  identifyBase: () => undefined,
};

function identify({ repository: to, tag: name }: ValueMap): Identity | undefined {
  const destination = repository.safeParse(to);
  return destination.success && typeof name === "string" ? { destination: destination.data.repository, tags: [name] } : undefined;
}
