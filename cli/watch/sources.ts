import { z } from "zod";
import { DhiError } from "../../provider/errors.js";
import { isObject } from "../../provider/image/json.js";
import { listOf, mapOf, orAbsent } from "../../provider/image/lenient.js";
import { parseReference, type Reference } from "../../provider/image/reference.js";
import { keptTags } from "../../provider/pipeline/state/history.js";
import type { ValueMap } from "../../provider/values.js";
import type { Push } from "./push.js";

/** Tags of one repository that images are made of. Hosts are not compared: a registry may have more names than one. */
interface Source {
  readonly repository: string;
  /** Undefined: any tag. */
  readonly tag: string | undefined;
}

/** What a stack is made of, and what it publishes, as its state tells. */
export interface StackSources {
  readonly sources: readonly Source[];
  /** Tags that the stack publishes, `host/repository:tag`. */
  readonly published: ReadonlySet<string>;
  /** Some sources are not known: nothing is published yet, or they are secret. */
  readonly incomplete: boolean;
}

/** Before state was read. */
export const unknownSources: StackSources = { sources: [], published: new Set(), incomplete: true };

const TYPES = "pulumi-nodejs:dynamic/dhi:";
const tags = orAbsent(mapOf(z.unknown()));

/** A resource in an exported deployment; what is secret is an object instead of a text. */
const resource = z.object({
  type: z.string().startsWith(TYPES),
  /** It has a successor. */
  delete: orAbsent(z.literal(true)),
  inputs: z.record(z.string(), z.unknown()).catch({}),
  outputs: z.record(z.string(), z.unknown()).catch({}),
});
const deployment = z.object({ resources: listOf(resource) });
const resolution = z.object({ artifacts: mapOf(z.unknown()) });

/** Reads the deployment of `pulumi stack export`. */
export function readSources(exported: unknown): StackSources {
  const resources = (deployment.safeParse(exported).data?.resources ?? []).filter((stored) => stored.delete !== true);
  const read = resources.map(({ type, inputs, outputs }) =>
    type === `${TYPES}Mirror` ? readMirror(inputs, outputs) : readImage(inputs, outputs),
  );
  return {
    sources: read.flatMap(({ sources }) => sources),
    published: new Set(read.flatMap(({ published }) => [...published])),
    incomplete: read.length === 0 || read.some(({ incomplete }) => incomplete),
  };
}

type Properties = Readonly<Record<string, unknown>>;

function readImage(inputs: Properties, outputs: Properties): StackSources {
  const artifacts = Object.keys(resolution.safeParse(outputs["resolution"]).data?.artifacts ?? {}).map((text) => sourceOf(text));
  // An `OciArtifact` has no base.
  const base = "version" in inputs ? [readBase(inputs)] : [];
  const found = [...base, ...artifacts];
  return {
    sources: found.flatMap((source) => (source === "pinned" || source === undefined ? [] : [source])),
    published: publishedTags(outputs["ref"], [...namesOf(outputs["tags"]), ...keptTags(outputs as ValueMap)]),
    incomplete: found.includes(undefined) || !isObject(outputs["resolution"]),
  };
}

function readBase({ repository, version, suffixAllTags }: Properties): Source | "pinned" | undefined {
  if (typeof repository !== "string") return undefined;
  // A range, a secret, or whatever tags the base has: any tag.
  return sourceOf(typeof version === "string" && suffixAllTags !== true ? `${repository}:${version}` : repository);
}

function readMirror(inputs: Properties, outputs: Properties): StackSources {
  const { source, referrers, destination } = inputs;
  const second = isObject(referrers) && "source" in referrers ? [referrers["source"]] : [];
  const found = [source, ...second].map((text) => (typeof text === "string" ? sourceOf(text) : undefined));
  return {
    sources: found.flatMap((one) => (one === "pinned" || one === undefined ? [] : [one])),
    published: publishedTags(destination, namesOf(outputs["images"])),
    incomplete: found.includes(undefined),
  };
}

/** Undefined when the text is not a reference. What has a digest cannot move, and a layout folder sends no notifications. */
function sourceOf(text: string): Source | "pinned" | undefined {
  const reference = readReference(text);
  if (reference === undefined) return undefined;
  const { repository, tag, digest } = reference;
  return digest !== undefined || repository.kind === "layout" ? "pinned" : { repository: repository.name, tag };
}

function namesOf(byTag: unknown): readonly string[] {
  return Object.keys(tags.parse(byTag) ?? {});
}

function publishedTags(reference: unknown, names: readonly string[]): ReadonlySet<string> {
  const repository = typeof reference === "string" ? readReference(reference)?.repository : undefined;
  if (repository?.kind !== "registry") return new Set();
  return new Set(names.map((tag) => publishedKey({ host: repository.host, repository: repository.name, tag })));
}

function publishedKey({ host, repository, tag }: Pick<Push, "host" | "repository" | "tag">): string {
  return `${host ?? ""}/${repository}:${tag}`;
}

function readReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (thrown) {
    if (thrown instanceof DhiError) return undefined;
    throw thrown;
  }
}

/**
 * Whether a stack may be out of date after a push. A tag that one of our own stacks publishes concerns it only where it is named as a source:
 * a repository may hold both the base and what is made of it, and an `up` must not cause the next one.
 */
export function isConcerned(stack: StackSources, push: Push, all: readonly StackSources[]): boolean {
  const matching = stack.sources.filter(({ repository, tag }) => repository === push.repository && (tag ?? push.tag) === push.tag);
  if (matching.some(({ tag }) => tag !== undefined)) return true;
  if (all.some(({ published }) => published.has(publishedKey(push)))) return false;
  return stack.incomplete || matching.length > 0;
}
