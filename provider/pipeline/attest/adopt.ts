import { z } from "zod";
import { BUNDLE, BUNDLE_PREDICATE_TYPE_ANNOTATION, IN_TOTO } from "../../attestation/formats/media-types.js";
import { parseEnvelope, signedBytes, type Envelope } from "../../attestation/formats/dsse.js";
import type { Signer } from "../../attestation/signing/signer.js";
import { mapParallel } from "../../async/parallel.js";
import { DhiError } from "../../errors.js";
import { descriptorSchema } from "../../image/descriptor.js";
import { digestOf, type Digest } from "../../image/digest.js";
import { jsonObject, readJson } from "../../image/json.js";
import { readFields } from "../../registry/manifests.js";
import type { ImageRepository } from "../../registry/repository.js";

const jobs = 4;
/** Referrers of one subject that are read, and bytes of each: what is not ours need not be known. */
const MAX_READ = 100;
const MAX_BUNDLE = 32 * 1024 * 1024;

/** A bundle of ours that state does not know: an update was interrupted, or another stack publishes the same image. */
export interface Adopted {
  readonly referrer: Digest;
  readonly envelope: Envelope;
}

const manifestSchema = z.object({
  artifactType: z.literal(BUNDLE),
  layers: z.tuple([descriptorSchema]),
  annotations: z.object({ [BUNDLE_PREDICATE_TYPE_ANNOTATION]: z.string() }),
});
const bundleSchema = z.object({ dsseEnvelope: jsonObject });

/** By digest of the statement: what this signer has signed among these referrers. */
export async function findAdoptable(
  repository: ImageRepository,
  referrers: Iterable<Digest>,
  types: ReadonlySet<string>,
  verify: NonNullable<Signer["verify"]>,
): Promise<ReadonlyMap<Digest, Adopted>> {
  const found = new Map<Digest, Adopted>();
  await mapParallel([...referrers].slice(0, MAX_READ), jobs, async (referrer) => {
    const stored = await repository.getManifest(referrer);
    const manifest = stored === undefined ? undefined : readFields(stored.bytes, manifestSchema);
    if (manifest === undefined || !types.has(manifest.annotations[BUNDLE_PREDICATE_TYPE_ANNOTATION])) return;
    const [layer] = manifest.layers;
    const envelope = layer.size > MAX_BUNDLE ? undefined : openBundle(await readWhole(repository.readBlob(layer)));
    if (envelope?.payloadType !== IN_TOTO) return;
    const signed = signedBytes(IN_TOTO, envelope.payload);
    if (envelope.signatures.some((signature) => verify(signed, signature))) found.set(digestOf(envelope.payload), { referrer, envelope });
  });
  return found;
}

function openBundle(bytes: Buffer): Envelope | undefined {
  const envelope = readJson(bytes, bundleSchema)?.dsseEnvelope;
  try {
    return envelope === undefined ? undefined : parseEnvelope(JSON.stringify(envelope), "the bundle");
  } catch (thrown) {
    // Somebody else's, in a form that is not ours.
    if (thrown instanceof DhiError) return undefined;
    throw thrown;
  }
}

async function readWhole(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
