import { formatReference } from "../../provider/image/reference.js";
import { LAYOUT_ANNOTATION } from "../../provider/pipeline/annotations.js";
import { ownValue } from "../../provider/values.js";
import { beginsWith, daysBetween, type BaseImage } from "./base-image.js";
import { readClaim, type Claim } from "./claim.js";
import type { Descendant } from "./descendant.js";
import type { ReadImage } from "./read-image.js";

/** Whether an image is built on the base, and what is known of that. `owner`: the annotation or label that says whose it is. */
export async function matchImage(
  base: BaseImage,
  image: ReadImage,
  owner: string | undefined,
): Promise<Omit<Descendant, "repository" | "tags"> | undefined> {
  const current = await base.current();
  if (current?.manifests.has(image.digest) === true) return undefined;
  const claim = await readClaim(image);
  const isClaimed = claim !== undefined && claims(base, claim, current);
  const hasLayers = current !== undefined && (await beginsWith(image, current));
  if (!isClaimed && !hasLayers) return undefined;
  const known = isClaimed ? claim : undefined;
  // Layers alone say less than a digest: the base may have changed in its config only.
  const age = known?.digest === undefined && hasLayers ? { age: "current" as const } : await ageOf(base, known);
  const used = known?.digest === undefined ? undefined : await base.at(known.digest);
  const shown = hasLayers || (used !== undefined && (await beginsWith(image, used)));
  const whose = owner === undefined ? undefined : await textOf(image, owner);
  const digest = known?.digest ?? (hasLayers ? current.digest : undefined);
  const name = known?.name ?? (known === undefined ? base.reference : undefined);
  return {
    digest: image.digest,
    base: { ...(name === undefined ? {} : { name: nameOf(name) }), ...(digest === undefined ? {} : { digest }) },
    ...age,
    evidence: shown ? "layers" : (known?.by ?? "layers"),
    ...(ownValue(image.annotations, LAYOUT_ANNOTATION) === undefined ? {} : { builder: "pulumi-dhi" }),
    ...(whose === undefined ? {} : { owner: whose }),
  };
}

/** By its name, or by the digest that the base has now, under whatever name it was mirrored. */
function claims(base: BaseImage, { name, digest }: Claim, current: ReadImage | undefined): boolean {
  if (name !== undefined && base.isNamed(name)) return true;
  return digest !== undefined && (digest === base.reference.digest || current?.manifests.has(digest) === true);
}

/** Of the digest that an image is built on, against what its tag of the base points at now. */
async function ageOf(base: BaseImage, { name, digest }: Partial<Claim> = {}): Promise<Pick<Descendant, "age" | "daysBehind">> {
  const now = await base.current(base.reference.tag ?? name?.tag);
  if (now === undefined || digest === undefined) return { age: "unknown" };
  if (now.manifests.has(digest)) return { age: "current" };
  const then = await base.at(digest);
  const daysBehind = then === undefined ? undefined : await daysBetween(then, now);
  return { age: "behind", ...(daysBehind === undefined ? {} : { daysBehind }) };
}

async function textOf(image: ReadImage, name: string): Promise<string | undefined> {
  return ownValue(image.annotations, name) ?? ownValue((await image.facts()).labels, name);
}

function nameOf({ repository, tag }: Parameters<typeof formatReference>[0]): string {
  return formatReference({ repository, ...(tag === undefined ? {} : { tag }) });
}
