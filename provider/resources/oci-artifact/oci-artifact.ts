import { object, repository, tag } from "../schema.js";
import { contentShape } from "../published-image/content.js";
import type { Identity, ImageKind, ImageSpec } from "../published-image/spec.js";
import type { ValueMap } from "../values.js";

const shape = { repository, tag, ...contentShape };

const schema = object(shape).transform((value): ImageSpec => {
  const { repository: to, tag: name, ...content } = value;
  return { base: undefined, destination: to.repository, tags: [{ tag: name, property: "tag" }], content };
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
