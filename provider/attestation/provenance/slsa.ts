import { hexOf, type Digest } from "../../image/digest.js";
import type { JsonObject } from "../../image/json.js";
import type { NamedImage } from "../image-purl.js";
import { basePurl, imagePurl } from "../image-purl.js";
import type { InventoryPackage } from "../inventory.js";
import { packagePurl } from "../purl.js";

/** What the parameters mean, and who composes: docs/security.md, "Provenance". Part of what is attested, so they do not change. */
export const BUILD_TYPE = "pkg:npm/pulumi-dhi#build-type/image/v1";
export const BUILDER = "pkg:npm/pulumi-dhi";

/** What an image was composed from. */
export interface Materials {
  /** The declared inputs, without secret ones. */
  readonly inputs: JsonObject;
  /** Names of the inputs that are left out as they are secret: `environment.TOKEN`. */
  readonly secretInputs: readonly string[];
  readonly layoutVersion: number;
  readonly base: NamedImage | undefined;
  readonly artifacts: readonly NamedImage[];
  /** Local files and folders, by their paths as declared, with the digests of what was taken. */
  readonly files: readonly (readonly [source: string, digest: Digest])[];
  /** The platforms that the statement is about, each with the packages that were added or upgraded. */
  readonly platforms: readonly { readonly platform: string; readonly packages: readonly InventoryPackage[] }[];
}

/** A predicate of SLSA provenance v1. It has neither time nor id of the run, so that it is the same wherever the image is composed. */
export function slsaProvenance(materials: Materials): JsonObject {
  const { inputs, secretInputs, layoutVersion } = materials;
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: { inputs, ...(secretInputs.length === 0 ? {} : { secretInputs }) },
      internalParameters: { layoutVersion },
      resolvedDependencies: dependenciesOf(materials),
    },
    runDetails: { builder: { id: BUILDER } },
  };
}

function dependenciesOf({ base, artifacts, files, platforms }: Materials): readonly JsonObject[] {
  const bases = base === undefined ? [] : platforms.map(({ platform }) => descriptor(basePurl(base, platform), base.digest));
  const packages = new Map(platforms.flatMap(({ packages: list }) => list.map((one) => [packagePurl(one), one] as const)));
  return [
    ...bases,
    ...artifacts.map((artifact) => descriptor(imagePurl(artifact), artifact.digest)),
    ...[...packages].map(([uri, one]) => packageDescriptor(uri, one)),
    ...files.map(([name, digest]) => ({ name, digest: { sha256: hexOf(digest) } })),
  ];
}

function descriptor(uri: string, digest: Digest): JsonObject {
  return { uri, digest: { sha256: hexOf(digest) } };
}

/** Alpine's archives state no digest of a package's file, but of what is in it. */
function packageDescriptor(uri: string, { download }: InventoryPackage): JsonObject {
  const { file, segments, url } = download ?? {};
  return {
    uri,
    ...(file === undefined ? {} : { digest: { sha256: hexOf(file) } }),
    ...(url === undefined ? {} : { downloadLocation: url }),
    ...(segments === undefined ? {} : { annotations: { "apk-datahash": segments.data, "apk-checksum": segments.control } }),
  };
}
