import { z } from "zod";
import { digestSchema, type Digest } from "../../image/digest.js";
import { parseJson } from "../../image/json.js";

/** What cosign signs of an image (containers/image, docs/containers-signature.5.md). */
export interface SimpleSigning {
  /** The repository as the signer named it; proves nothing, since images are copied. */
  readonly repository: string;
  readonly digest: Digest;
}

const TYPE = "cosign container image signature";

const schema = z.object({
  critical: z.object({
    identity: z.object({ "docker-reference": z.string().default("") }).default({ "docker-reference": "" }),
    image: z.object({ "docker-manifest-digest": digestSchema }),
    type: z.literal([TYPE, "atomic container signature"]),
  }),
});

export function encodeSimpleSigning({ repository, digest }: SimpleSigning): Buffer {
  const critical = { identity: { "docker-reference": repository }, image: { "docker-manifest-digest": digest }, type: TYPE };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

/** `what` names it in errors. Throws `DhiError` "invalid". */
export function parseSimpleSigning(bytes: Uint8Array, what: string): SimpleSigning {
  const { critical } = parseJson(bytes, schema, what);
  return { repository: critical.identity["docker-reference"], digest: critical.image["docker-manifest-digest"] };
}
