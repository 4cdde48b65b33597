import type { Descriptor } from "../../image/descriptor.js";
import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { parseIndex } from "../../image/manifest.js";
import type { StoredManifest } from "../../registry/repository.js";
import type { AttestedSubject, StatementBytes } from "./attested-subject.js";

/** The index and each of its manifests, with the statements about it: all of them are signed, also those that nothing is stated about. */
export function subjectsOf(
  index: StoredManifest,
  statements: readonly (StatementBytes & { readonly subject: Digest })[],
): readonly AttestedSubject[] {
  const own: Descriptor = { mediaType: index.mediaType, digest: index.digest, size: index.bytes.length };
  const all = new Map<Digest, Descriptor>([own, ...parseIndex(index.bytes, index.digest).manifests].map((one) => [one.digest, one]));
  const stray = statements.find(({ subject }) => !all.has(subject));
  if (stray !== undefined)
    throw new DhiError("mismatch", `${stray.predicateType} is about ${stray.subject}, which is not part of ${index.digest}`);
  return [...all.values()].map((descriptor) => ({
    descriptor,
    statements: statements.filter(({ subject }) => subject === descriptor.digest),
  }));
}
