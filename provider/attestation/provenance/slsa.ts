import { hexOf, type Digest } from "../../image/digest.js";
import type { JsonObject } from "../../image/json.js";
import type { NamedImage } from "../named-image.js";
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

/** Each once: a base in a layout folder has no name that says the platform. */
function dependenciesOf({ base, artifacts, files, platforms }: Materials): readonly JsonObject[] {
  const found = new Map<string, JsonObject>();
  const add = (uri: string, described: JsonObject): void => void found.set(uri, { uri, ...described });
  for (const { platform } of platforms) if (base !== undefined) add(basePurl(base, platform), digestSet(base.digest));
  for (const artifact of artifacts) add(imagePurl(artifact), digestSet(artifact.digest));
  for (const { packages } of platforms) for (const one of packages) add(packagePurl(one), describePackage(one));
  return [...found.values(), ...files.map(([name, digest]) => ({ name, ...digestSet(digest) }))];
}

function digestSet(digest: Digest): JsonObject {
  return { digest: { sha256: hexOf(digest) } };
}

/** Alpine's archives state no digest of a package's file, but of what is in it. */
function describePackage({ download }: InventoryPackage): JsonObject {
  const { file, segments, url } = download ?? {};
  return {
    ...(file === undefined ? {} : digestSet(file)),
    ...(url === undefined ? {} : { downloadLocation: url }),
    ...(segments === undefined ? {} : { annotations: { "apk-datahash": segments.data, "apk-checksum": segments.control } }),
  };
}
