import { z } from "zod";
import { DhiError } from "../../errors.js";
import { formatRepository, isTag, sameRepository, type Repository } from "../../image/reference.js";
import type { MirrorSpec } from "../../pipeline/mirror/mirror-spec.js";
import { minimumAge } from "../../pipeline/spec/minimum-age.js";
import { flag, list, object, parsed, repository } from "../../pipeline/spec/schema.js";
import { verify } from "../../pipeline/spec/verify.js";
import { versionRange } from "../../pipeline/spec/version-range.js";
import { compileGlob, isGlob } from "../../rootfs/select/glob.js";
import type { ValueMap } from "../../values.js";

const selected = z.union([parsed("a tag, a glob such as 3.13*, or a range of versions", parseSelected), versionRange], {
  error: 'is neither a tag, nor a glob, nor a range. Give a tag, a glob such as 3.13*, or a range such as { range: "^3.13" }',
});

function parseSelected(text: string): string {
  if (isGlob(text)) compileGlob(text);
  else if (!isTag(text)) {
    const hint = "A tag has at most 128 letters, digits, dots, dashes and underscores, and starts with none of dot and dash";
    throw new DhiError("invalid", `${JSON.stringify(text)} is neither a tag nor a glob`, { hint });
  }
  return text;
}

const shape = {
  source: repository,
  destination: repository,
  select: list(selected, "tags, globs and ranges").min(1, { error: 'is empty. Give tags or globs: ["*"] is every tag' }),
  referrers: z.union([flag, object({ source: repository })]).optional(),
  verify: verify.optional(),
  minimumAge: minimumAge
    .refine(({ packages, security }) => packages === undefined && security === undefined, {
      error: "has packages or security, which a mirror does not copy. Give a duration such as 72h, or { images }",
    })
    .optional(),
  overwrite: flag.optional(),
  deleteImages: flag.optional(),
};

/** Names of all input properties. */
export const mirrorInputs: ReadonlySet<string> = new Set(Object.keys(shape));

export const mirrorSchema: z.ZodType<MirrorSpec> = object(shape).transform((value, context): MirrorSpec => {
  const { referrers = true, overwrite = false, deleteImages = false, verify: policy } = value;
  const [source, destination] = [value.source.repository, value.destination.repository];
  if (sameRepository(source, destination)) {
    const message = `is the source, ${formatRepository(source)}, itself. Name another repository`;
    context.addIssue({ code: "custom", path: ["destination"], message });
    return z.NEVER;
  }
  const referrersFrom = placesOf(source, referrers);
  return {
    source,
    destination,
    select: value.select,
    referrers: referrersFrom,
    minimumAge: value.minimumAge?.images,
    verify: policy,
    overwrite,
    deleteImages,
  };
});

function placesOf(
  source: Repository,
  referrers: boolean | { readonly source: { readonly repository: Repository } },
): readonly Repository[] {
  if (typeof referrers === "boolean") return referrers ? [source] : [];
  return [source, referrers.source.repository];
}

/** The destination, from inputs of which others may still be unknown. */
export function identifyMirror({ destination }: ValueMap): Repository | undefined {
  const found = repository.safeParse(destination);
  return found.success ? found.data.repository : undefined;
}
