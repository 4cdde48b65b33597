import { encodeStatement } from "../../attestation/formats/statement.js";
import { CYCLONEDX, SLSA_PROVENANCE, SPDX } from "../../attestation/formats/predicate-types.js";
import type { NamedImage } from "../../attestation/named-image.js";
import type { Inventory } from "../../attestation/inventory.js";
import { slsaProvenance } from "../../attestation/provenance/slsa.js";
import { wholeSeconds, type DescribedImage } from "../../attestation/sbom/described-image.js";
import { hexOf, type Digest } from "../../image/digest.js";
import type { JsonObject } from "../../image/json.js";
import { formatRepository } from "../../image/reference.js";
import { ownValue, type Value, type ValueMap } from "../../values.js";
import type { ComposedPlatform, Composition } from "../compose/composition.js";
import type { Session } from "../session.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Resolution } from "../state/resolution.js";
import { parametersOf } from "./parameters.js";
import { touchesSecret, type InputPath } from "./secret-inputs.js";

/** A statement about an image or a part of it, ready to be signed. */
export interface ImageStatement {
  /** `os/arch[/variant]`; undefined for one about the index. */
  readonly platform: string | undefined;
  /** The index or manifest that it is about. */
  readonly subject: Digest;
  readonly predicateType: string;
  /** Of `bytes`. */
  readonly digest: Digest;
  /** An in-toto statement v1. */
  readonly bytes: Buffer;
}

/** A composed image, and what was seen while it was composed. */
export interface StatementsRequest {
  readonly spec: ImageSpec;
  readonly resolution: Resolution;
  /** As declared. */
  readonly inputs: ValueMap;
  /** Of `inputs`. */
  readonly secrets: readonly InputPath[];
  readonly composition: Composition;
  /** By platform: `takeInventory` of what `ComposeRequest.observe` is told. */
  readonly inventories: ReadonlyMap<string, Inventory>;
}

/**
 * SPDX, CycloneDX and provenance of each platform, and provenance of the index, in this order. They are written to the cache, by digest.
 * The same request gives the same bytes on any machine.
 */
export async function makeStatements(session: Session, request: StatementsRequest): Promise<readonly ImageStatement[]> {
  const { composition } = request;
  const base = baseOf(request);
  const statements: ImageStatement[] = [];
  const state = async (platform: string | undefined, subject: Digest, predicateType: string, predicate: JsonObject): Promise<void> => {
    const subjects = [{ name: formatRepository(request.spec.destination), digest: { sha256: hexOf(subject) } }];
    const bytes = encodeStatement({ subjects, predicateType, predicate });
    statements.push({ platform, subject, predicateType, digest: await session.cache.writeBlob(bytes), bytes });
  };
  for (const composed of composition.platforms) {
    const { platform, manifest } = composed;
    const documents = await describe(composed, request, base);
    await state(platform, manifest.digest, SPDX, documents.spdx);
    await state(platform, manifest.digest, CYCLONEDX, documents.cycloneDx);
    await state(platform, manifest.digest, SLSA_PROVENANCE, provenanceOf(request, base, [platform]));
  }
  const platforms = composition.platforms.map(({ platform }) => platform);
  await state(undefined, composition.index.digest, SLSA_PROVENANCE, provenanceOf(request, base, platforms));
  return statements;
}

/** The output `attestations`. */
export function describeStatements(statements: readonly ImageStatement[]): Value {
  return statements.map(({ platform, predicateType, digest }) => ({
    type: predicateType,
    digest,
    ...(platform === undefined ? {} : { platform }),
  }));
}

/** The SBOM in both forms. Their library is loaded only when one is made. */
async function describe(
  { platform, manifest, config }: ComposedPlatform,
  { spec, inventories }: StatementsRequest,
  base: NamedImage | undefined,
): Promise<{ readonly spdx: JsonObject; readonly cycloneDx: JsonObject }> {
  const { spdxDocument } = await import("../../attestation/sbom/spdx.js");
  const { cycloneDxDocument } = await import("../../attestation/sbom/cyclonedx.js");
  const image: DescribedImage = {
    repository: spec.destination,
    manifest: manifest.digest,
    created: wholeSeconds(config.after.created),
    base,
    inventory: inventoryFor(inventories, platform),
  };
  return { spdx: spdxDocument(image), cycloneDx: cycloneDxDocument(image) };
}

function provenanceOf(request: StatementsRequest, base: NamedImage | undefined, platforms: readonly string[]): JsonObject {
  const { spec, resolution, inputs, secrets, inventories } = request;
  const hides = (name: string): boolean => touchesSecret(secrets, [name]);
  return slsaProvenance({
    ...parametersOf(inputs, secrets),
    layoutVersion: resolution.layoutVersion,
    base,
    artifacts: artifactsOf(spec, resolution),
    // Their paths are the keys.
    files: hides("files") || hides("directories") ? [] : sortedEntries(resolution.files),
    platforms: platforms.map((platform) => ({
      platform,
      packages: inventoryFor(inventories, platform).packages.filter(({ download }) => download !== undefined),
    })),
  });
}

function baseOf({ spec, resolution }: StatementsRequest): NamedImage | undefined {
  if (spec.base === undefined || resolution.base === undefined) return undefined;
  return { repository: spec.base.repository, digest: resolution.base.digest, tag: resolution.base.tag };
}

function artifactsOf({ inputs: { artifacts = [] } }: ImageSpec, resolution: Resolution): readonly NamedImage[] {
  const named = artifacts.flatMap(({ image: { text, reference } }) => {
    const digest = ownValue(resolution.artifacts, text);
    return digest === undefined ? [] : [[text, { repository: reference.repository, tag: reference.tag, digest }] as const];
  });
  return [...new Map(named).values()];
}

function sortedEntries<T>(map: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

function inventoryFor(inventories: ReadonlyMap<string, Inventory>, platform: string): Inventory {
  const found = inventories.get(platform);
  if (found !== undefined) return found;
  throw new Error(`the composition of ${platform} was not observed`);
}
