import { judgeBundle, isOverMessage } from "../../attestation/verification/bundle.js";
import { judgeStoredEnvelope } from "../../attestation/verification/envelope.js";
import { judgeSimpleSignature } from "../../attestation/verification/simple-signature.js";
import { judgeStoredStatement } from "../../attestation/verification/stored-statement.js";
import type { Trust } from "../../attestation/verification/trust.js";
import type { Verdict } from "../../attestation/verification/verdict.js";
import { parseEnvelope } from "../../attestation/formats/dsse.js";
import { BUNDLE_PREFIX, COSIGN_SIGNATURE, DSSE_ENVELOPE, IN_TOTO, SIMPLE_SIGNING } from "../../attestation/formats/media-types.js";
import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import { shortDigest, type Digest } from "../../image/digest.js";
import { parseManifest } from "../../image/manifest.js";
import type { StoredManifest } from "../../registry/repository.js";
import { fallbackTag } from "../mirror/attached-tags.js";
import type { Reading, Referrer } from "./reading.js";

/** Something that was found beside an image, and what it is worth. */
export interface Judgement {
  /** Where it is, for errors. */
  readonly name: string;
  readonly verdict: Verdict;
}

/** Everything in one repository that may vouch for a manifest or index, one after the other; what costs least to read comes first. */
export async function* judgeAttached(reading: Reading, digest: Digest, trust: Trust): AsyncGenerator<Judgement> {
  yield* judgeTag(reading, `${fallbackTag(digest)}.sig`, digest, trust);
  const referrers = yield* collect(`the referrers of ${digest}`, () => reading.referrers(digest));
  for (const referrer of referrers) yield* judgeSignatures(reading, nameReferrer(referrer), referrer, digest, trust);
  for (const referrer of referrers.filter(({ type }) => type === IN_TOTO)) yield* judgeStatement(reading, referrer, digest, trust);
  yield* judgeTag(reading, `${fallbackTag(digest)}.att`, digest, trust);
}

function nameReferrer({ digest }: StoredManifest): string {
  return `the referrer ${shortDigest(digest)}`;
}

/** What `work` finds; where that cannot be read, nothing and a judgement that says so. */
async function* collect<T>(name: string, work: () => Promise<readonly T[]>): AsyncGenerator<Judgement, readonly T[]> {
  try {
    return await work();
  } catch (thrown) {
    yield { name, verdict: { refusal: refusalOf(thrown) } };
    return [];
  }
}

/** What is damaged or missing does not vouch, and is no reason to stop. A registry that cannot be asked is one. */
function refusalOf(thrown: unknown): string {
  if (thrown instanceof DhiError && ["invalid", "mismatch", "limit", "not-found"].includes(thrown.code)) return thrown.message;
  throw thrown;
}

async function* judgeTag(reading: Reading, tag: string, digest: Digest, trust: Trust): AsyncGenerator<Judgement> {
  const found = yield* collect(tag, async () => {
    const stored = await reading.manifest(tag);
    return stored === undefined ? [] : [stored];
  });
  for (const stored of found) yield* judgeLayers(reading, tag, stored, digest, trust);
}

/** A signature by itself, in any of its forms. */
async function* judgeSignatures(
  reading: Reading,
  name: string,
  referrer: Referrer,
  digest: Digest,
  trust: Trust,
): AsyncGenerator<Judgement> {
  const { type } = referrer;
  if (type === COSIGN_SIGNATURE || type === DSSE_ENVELOPE || type.startsWith(BUNDLE_PREFIX))
    yield* judgeLayers(reading, name, referrer, digest, trust);
}

/** Each layer that is a signature. */
async function* judgeLayers(
  reading: Reading,
  name: string,
  { bytes }: StoredManifest,
  digest: Digest,
  trust: Trust,
): AsyncGenerator<Judgement> {
  const layers = yield* collect(name, () => Promise.resolve(parseManifest(bytes, "it").layers));
  for (const [at, layer] of layers.entries()) {
    const where = layers.length === 1 ? name : `${name}, layer ${String(at + 1)}`;
    const verdicts = yield* collect(where, () => judgeLayer(reading, layer, digest, trust));
    for (const verdict of verdicts) yield { name: where, verdict };
  }
}

/** None for a layer that is something else. */
async function judgeLayer(reading: Reading, layer: Descriptor, digest: Digest, trust: Trust): Promise<readonly Verdict[]> {
  const { mediaType, annotations = {} } = layer;
  if (mediaType === SIMPLE_SIGNING) return [judgeSimpleSignature(await reading.blob(layer), annotations, digest, trust)];
  if (mediaType === DSSE_ENVELOPE) return [judgeStoredEnvelope(parseEnvelope(await reading.blob(layer), "it"), annotations, digest, trust)];
  if (!mediaType.startsWith(BUNDLE_PREFIX)) return [];
  const bytes = await reading.blob(layer);
  const manifest = isOverMessage(bytes) ? (await reading.manifest(digest))?.bytes : undefined;
  return [judgeBundle(bytes, digest, manifest, trust)];
}

/** A statement in the product's form: the manifest that has it is signed, by referrers of its own. */
async function* judgeStatement(reading: Reading, statement: Referrer, digest: Digest, trust: Trust): AsyncGenerator<Judgement> {
  const name = nameReferrer(statement);
  const signatures = yield* collect(name, () => reading.referrers(statement.digest));
  let hasSignature = false;
  for (const signature of signatures) {
    const where = `${name}, signed by ${shortDigest(signature.digest)}`;
    for await (const { name: of, verdict } of judgeSignatures(reading, where, signature, statement.digest, trust)) {
      hasSignature = true;
      if ("refusal" in verdict) yield { name: of, verdict };
      else {
        yield* judgeSigned(reading, name, statement, digest, verdict.signer);
        return;
      }
    }
  }
  if (!hasSignature) yield { name, verdict: { refusal: "it is not signed" } };
}

async function* judgeSigned(
  reading: Reading,
  name: string,
  { bytes }: Referrer,
  digest: Digest,
  signer: string,
): AsyncGenerator<Judgement> {
  const verdicts = yield* collect(name, async () => {
    const [layer, ...others] = parseManifest(bytes, "it").layers;
    if (layer === undefined || others.length > 0) return [{ refusal: "it is not one statement" }];
    return [judgeStoredStatement(bytes, await reading.blob(layer), digest, signer)];
  });
  for (const verdict of verdicts) yield { name, verdict };
}
