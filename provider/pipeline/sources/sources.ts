import { blame, DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatReference } from "../../image/reference.js";
import type { Session } from "../session.js";
import { ownValue } from "../../values.js";
import type { Artifact } from "../spec/image-inputs.js";
import type { Resolution } from "../state/resolution.js";
import { openImage, type SourceImage } from "./source-image.js";
import type { ImageSpec } from "../spec/image-spec.js";
import { verifySources } from "../verify/verify-sources.js";

/** The images that a composition uses, and its platforms. */
export interface Sources {
  readonly base: SourceImage | undefined;
  readonly artifacts: readonly { readonly declared: Artifact; readonly image: SourceImage }[];
  /** Sorted. */
  readonly platforms: readonly string[];
}

/** The platforms of an image from scratch when none are declared. */
const defaultPlatforms = ["linux/amd64", "linux/arm64"];

/** Verified before anything of them is read. Throws `DhiError`. */
export async function openSources(session: Session, spec: ImageSpec, resolution: Resolution): Promise<Sources> {
  await verifySources(session, spec, resolution);
  const { base, inputs } = spec;
  const baseDigest = resolution.base?.digest;
  const baseImage =
    base === undefined || baseDigest === undefined
      ? undefined
      : await blame({ origin: "base", property: "version" }, () => openImage(session, base.repository, baseDigest, "base"));
  const artifacts = [];
  for (const [at, declared] of (inputs.artifacts ?? []).entries()) {
    const property = `artifacts[${String(at)}].image`;
    const image = await blame({ origin: "artifact", property }, () =>
      openImage(session, declared.image.reference.repository, digestOfArtifact(declared, resolution), "artifact"),
    );
    artifacts.push({ declared, image });
  }
  const platforms = [...new Set(inputs.platforms ?? (baseImage === undefined ? defaultPlatforms : [...baseImage.platforms.keys()]))].sort();
  for (const platform of platforms) {
    if (baseImage !== undefined) requirePlatform(baseImage, platform, "base", "platforms");
    artifacts.forEach(({ image }, at) => {
      requirePlatform(image, platform, "artifact", `artifacts[${String(at)}].image`);
    });
  }
  return { base: baseImage, artifacts, platforms };
}

function digestOfArtifact({ image }: Artifact, resolution: Resolution): Digest {
  const digest = ownValue(resolution.artifacts, image.text);
  if (digest === undefined) {
    throw new DhiError("not-found", `the resolution held by ignoreChanges has no artifact "${image.text}"`, {
      hint: 'Take "resolution" out of ignoreChanges for one update',
    });
  }
  return digest;
}

function requirePlatform(image: SourceImage, platform: string, origin: "base" | "artifact", property: string): void {
  if (image.platforms.has(platform)) return;
  const has = [...image.platforms.keys()].sort().join(", ");
  throw new DhiError(
    "not-found",
    `the ${origin} ${formatReference(image)} has no image for ${platform}; its platforms: ${has === "" ? "none" : has}`,
    {
      origin,
      property,
      hint: "Declare only platforms that the base and every artifact have",
    },
  );
}
