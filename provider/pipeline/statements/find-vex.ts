import { z } from "zod";
import { parseEnvelope } from "../../attestation/formats/dsse.js";
import { BUNDLE_PREFIX, DSSE_ENVELOPE, IN_TOTO } from "../../attestation/formats/media-types.js";
import { isAbout, parseStatement } from "../../attestation/formats/statement.js";
import { DhiError } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Digest } from "../../image/digest.js";
import { jsonObject, parseJson, type JsonObject } from "../../image/json.js";
import { parseIndex, parseManifest, platformManifests } from "../../image/manifest.js";
import { isIndexType } from "../../image/media-types.js";
import { formatPlatform } from "../../image/platform.js";
import { formatReference, type Reference } from "../../image/reference.js";
import type { Repositories } from "../../registry/repository.js";
import { fallbackTag } from "../mirror/attached-tags.js";
import { openBudget, Reading } from "../verify/reading.js";

const bundle = z.object({ dsseEnvelope: jsonObject });

/**
 * The OpenVEX document that is attached to an image, of the index or of a platform: of a bundle, else of `.att`, else a statement by itself; of several
 * the newest. Signatures are not verified. Throws `DhiError` "not-found".
 */
export async function findVex(repositories: Repositories, reference: Reference, platform: string | undefined): Promise<JsonObject> {
  const { repository, tag = "latest", digest: pinned } = reference;
  const opened = repositories.open(repository);
  const reading = new Reading(opened, openBudget());
  const stored = await reading.manifest(pinned ?? tag);
  if (stored === undefined)
    throw new DhiError("not-found", `${formatReference({ repository, tag, ...(pinned && { digest: pinned }) })} does not exist`);
  const isIndex = isIndexType(stored.mediaType);
  const found = platform === undefined || !isIndex ? stored.digest : manifestFor(stored.bytes, platform);
  const where = formatReference({ repository, digest: found ?? stored.digest });
  if (found === undefined) throw new DhiError("not-found", `${where} has no image for ${platform ?? ""}`);
  const [newest] = (await readDocuments(reading, found)).sort((one, other) => (timeOf(one) < timeOf(other) ? 1 : -1));
  if (newest !== undefined) return newest;
  throw new DhiError("not-found", `no OpenVEX document is attached to ${where}`, {
    hint: isIndex && platform === undefined ? "Some publishers attach it to the image of each platform: give --platform" : undefined,
  });
}

function manifestFor(index: Buffer, platform: string): Digest | undefined {
  return platformManifests(parseIndex(index, "the index")).find(
    (one) => one.platform !== undefined && formatPlatform(one.platform) === platform,
  )?.digest;
}

async function readDocuments(reading: Reading, digest: Digest): Promise<JsonObject[]> {
  const referrers = await reading.referrers(digest);
  const ofType = (matches: (type: string) => boolean): readonly Buffer[] =>
    referrers.filter(({ type }) => matches(type)).map(({ bytes }) => bytes);
  const tagged = async (): Promise<readonly Buffer[]> => {
    const stored = await reading.manifest(`${fallbackTag(digest)}.att`);
    return stored === undefined ? [] : [stored.bytes];
  };
  const forms = [
    () => Promise.resolve(ofType((type) => type.startsWith(BUNDLE_PREFIX))),
    tagged,
    () => Promise.resolve(ofType((type) => type === IN_TOTO || type === DSSE_ENVELOPE)),
  ];
  for (const form of forms) {
    const documents: JsonObject[] = [];
    for (const manifest of await form()) {
      for (const layer of parseManifest(manifest, "an attestation").layers) documents.push(...(await readLayer(reading, layer, digest)));
    }
    if (documents.length > 0) return documents;
  }
  return [];
}

/** None for what is not a statement of OpenVEX about this image, also where it cannot be read. */
async function readLayer(reading: Reading, layer: Descriptor, digest: Digest): Promise<readonly JsonObject[]> {
  const { mediaType } = layer;
  if (mediaType !== IN_TOTO && mediaType !== DSSE_ENVELOPE && !mediaType.startsWith(BUNDLE_PREFIX)) return [];
  const bytes = await reading.blob(layer);
  try {
    const statement = parseStatement(payloadOf(bytes, mediaType), "it");
    return statement.predicateType.startsWith("https://openvex.dev/ns") && isAbout(statement, digest) ? [statement.predicate] : [];
  } catch (thrown) {
    if (thrown instanceof DhiError) return [];
    throw thrown;
  }
}

function payloadOf(bytes: Buffer, mediaType: string): Buffer {
  if (mediaType === IN_TOTO) return bytes;
  if (mediaType === DSSE_ENVELOPE) return parseEnvelope(bytes, "it").payload;
  return parseEnvelope(JSON.stringify(parseJson(bytes, bundle, "it").dsseEnvelope), "it").payload;
}

function timeOf({ timestamp }: JsonObject): string {
  return typeof timestamp === "string" ? timestamp : "";
}
