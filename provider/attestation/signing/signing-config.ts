import { z } from "zod";
import { DhiError } from "../../errors.js";
import { parseJson } from "../../image/json.js";
import type { SigningServices } from "./signing-services.js";

/** Newest versions of the services' APIs that are spoken. */
const MAX_FULCIO = 1;
const MAX_REKOR = 2;
const MAX_TSA = 1;

const service = z.object({
  url: z.url({ protocol: /^https?$/ }),
  majorApiVersion: z.int(),
  validFor: z.object({ start: z.iso.datetime({ offset: true }).optional(), end: z.iso.datetime({ offset: true }).optional() }).default({}),
});
type Service = z.infer<typeof service>;
const services = z.array(service).default([]);

// sigstore/protobuf-specs, sigstore_trustroot.proto, "SigningConfig".
const schema = z.object({
  mediaType: z.literal("application/vnd.dev.sigstore.signingconfig.v0.2+json"),
  caUrls: services,
  rekorTlogUrls: services,
  tsaUrls: services,
});

/** `now`: milliseconds since 1970. Throws `DhiError` "invalid". */
export function parseSigningConfig(bytes: Uint8Array, what: string, now: number): SigningServices {
  const { caUrls, rekorTlogUrls, tsaUrls } = parseJson(bytes, schema, what);
  const fulcio = newest(caUrls, MAX_FULCIO, now);
  const rekor = newest(rekorTlogUrls, MAX_REKOR, now);
  if (fulcio === undefined) throw new DhiError("invalid", `${what} names no certificate authority that can be used now`);
  return {
    fulcio: fulcio.url,
    rekor: rekor === undefined ? undefined : { url: rekor.url, majorApiVersion: rekor.majorApiVersion },
    tsa: newest(tsaUrls, MAX_TSA, now)?.url,
  };
}

/** The one that began last, of those that are valid now. */
function newest(all: readonly Service[], maxVersion: number, now: number): Service | undefined {
  const startOf = ({ validFor }: Service): number => (validFor.start === undefined ? 0 : Date.parse(validFor.start));
  return all
    .filter(
      ({ majorApiVersion, validFor }) => majorApiVersion <= maxVersion && (validFor.end === undefined || Date.parse(validFor.end) >= now),
    )
    .filter((one) => startOf(one) <= now)
    .toSorted((one, other) => startOf(other) - startOf(one))
    .at(0);
}
