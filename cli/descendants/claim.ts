import { isDigest, type Digest } from "../../provider/image/digest.js";
import { parseReference, type Reference } from "../../provider/image/reference.js";
import { BASE_DIGEST_ANNOTATION, BASE_NAME_ANNOTATION } from "../../provider/pipeline/annotations.js";
import { ownValue } from "../../provider/values.js";
import { DhiError } from "../../provider/errors.js";
import type { Evidence } from "./descendant.js";
import type { ReadImage } from "./read-image.js";

/** What an image says it is built on. */
export interface Claim {
  readonly name?: Reference;
  readonly digest?: Digest;
  readonly by: Extract<Evidence, "annotation" | "label">;
}

/** By the standard annotations (OCI image spec, annotations.md), else by labels of the same names, which images inherit from their base. */
export async function readClaim(image: ReadImage): Promise<Claim | undefined> {
  return claimIn(image.annotations, "annotation") ?? claimIn((await image.facts()).labels, "label");
}

/** Undefined where there is neither a valid name nor a valid digest. */
export function claimIn(texts: Readonly<Record<string, string>>, by: Claim["by"]): Claim | undefined {
  const name = parseName(ownValue(texts, BASE_NAME_ANNOTATION));
  const digest = ownValue(texts, BASE_DIGEST_ANNOTATION);
  if (name === undefined && !isDigest(digest)) return undefined;
  return { ...(name === undefined ? {} : { name }), ...(isDigest(digest) ? { digest } : {}), by };
}

function parseName(text: string | undefined): Reference | undefined {
  if (text === undefined) return undefined;
  try {
    return parseReference(text);
  } catch (thrown) {
    if (thrown instanceof DhiError) return undefined;
    throw thrown;
  }
}
