import { z } from "zod";
import { digestSchema, isDigest, type Digest } from "../../image/digest.js";
import { parseJson } from "../../image/json.js";
import { listOf } from "../../image/lenient.js";
import { OCI_INDEX } from "../../image/media-types.js";
import { readFields } from "../manifests.js";

/** OCI image spec, annotations.md: the tag of an entry in a layout. */
export const REF_NAME = "org.opencontainers.image.ref.name";

/** OCI image spec, descriptor.md, "Digests": any algorithm but sha256, and its encoded value. */
const foreignDigest = /^(?!sha256:)[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/;

const entrySchema = z.looseObject({
  mediaType: z.string().optional(),
  digest: z.string().refine((text) => isDigest(text) || foreignDigest.test(text), "is not a digest"),
  size: z.number(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const indexSchema = z.looseObject({ schemaVersion: z.number().optional(), manifests: z.array(entrySchema).nullish() });

/** A descriptor of `index.json`; unknown fields are kept. Content with a digest of another algorithm than sha256 is not read. */
export type LayoutEntry = z.infer<typeof entrySchema>;

/** `index.json` of a layout (OCI image spec, image-layout.md); unknown fields are kept. */
export interface LayoutIndex {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly entries: readonly LayoutEntry[];
}

export const emptyLayoutIndex: LayoutIndex = { fields: { schemaVersion: 2, mediaType: OCI_INDEX }, entries: [] };

/** Throws `DhiError` "invalid". */
export function parseLayoutIndex(bytes: Uint8Array, where: string): LayoutIndex {
  const { manifests, ...fields } = parseJson(bytes, indexSchema, `index.json of ${where}`, "Is it an OCI image layout?");
  return { fields, entries: manifests ?? [] };
}

export function formatLayoutIndex(index: LayoutIndex): Buffer {
  return Buffer.from(`${JSON.stringify({ ...index.fields, manifests: index.entries }, undefined, 2)}\n`);
}

/** The last entry of a tag, as other tools may have left several. */
export function findTag(index: LayoutIndex, tag: string): LayoutEntry | undefined {
  return index.entries.findLast((entry) => tagOf(entry) === tag);
}

export function tagOf(entry: LayoutEntry): string | undefined {
  return entry.annotations?.[REF_NAME];
}

export function withoutTag(index: LayoutIndex, tag: string): LayoutIndex {
  return { ...index, entries: index.entries.filter((entry) => tagOf(entry) !== tag) };
}

export function withEntry(index: LayoutIndex, entry: LayoutEntry): LayoutIndex {
  return { ...index, entries: [...index.entries, entry] };
}

/** The first entry whose content is not read, as its digest is not sha256. */
export function findForeign(index: LayoutIndex): LayoutEntry | undefined {
  return index.entries.find(({ digest }) => !isDigest(digest));
}

const reference = z.object({ digest: digestSchema });
const references = z.union([listOf(reference), reference.transform((one) => [one])]).catch([]);
const childrenSchema = z.object({ manifests: references, config: references, layers: references });

/** The digests that a manifest or index refers to: config, layers and children, but not its subject. Empty for other content. */
export function childrenOf(bytes: Uint8Array): readonly { readonly digest: Digest; readonly manifest: boolean }[] {
  const { manifests = [], config = [], layers = [] } = readFields(bytes, childrenSchema) ?? {};
  return [
    ...manifests.map(({ digest }) => ({ digest, manifest: true })),
    ...[...config, ...layers].map(({ digest }) => ({ digest, manifest: false })),
  ];
}
