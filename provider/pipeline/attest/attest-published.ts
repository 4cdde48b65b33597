import { z } from "zod";
import { DhiError } from "../../errors.js";
import { digestOf, digestSchema, type Digest } from "../../image/digest.js";
import { listOf, mapOf } from "../../image/lenient.js";
import type { StoredManifest } from "../../registry/repository.js";
import { isMap, ownValue, type ValueMap } from "../../values.js";
import type { ResourceLog, Session } from "../session.js";
import type { ImageSpec } from "../spec/image-spec.js";
import { attachAttestations } from "./attach.js";
import type { StatementBytes } from "./attested-subject.js";
import type { Attached } from "./attached.js";
import { signatureStatement } from "./sign-statement.js";
import { signerOf } from "./signer.js";
import { subjectsOf } from "./subjects.js";

/** A published image, and what check has promised to state about it. */
export interface AttestRequest {
  readonly spec: ImageSpec;
  readonly index: StoredManifest;
  /** The checked inputs. */
  readonly checked: ValueMap;
  /** What state says is attached. */
  readonly before: Attached;
}

const promisedSchema = listOf(z.object({ type: z.string(), digest: digestSchema, platform: z.string().optional() }));

/**
 * Signs a published image and attaches what check has stated about it, before its tags move. Returns what is attached: `before`, without any
 * request, where all of it is there. Throws `DhiError`; the next update finds what was written.
 */
export async function attestPublished(
  session: Session,
  { spec, index, checked, before }: AttestRequest,
  log: ResourceLog,
): Promise<Attached> {
  const signer = await signerOf(session, spec.inputs.sign);
  const promised = promisedOf(checked, index.digest);
  if (isComplete(index, promised, before, signer?.id)) return before;
  const statements = await Promise.all(promised.map(async (one) => ({ ...one, bytes: await readStatement(session, one.digest) })));
  return attachAttestations(session, spec.destination, subjectsOf(index, statements), signer, before, log);
}

interface Promised extends Pick<StatementBytes, "predicateType"> {
  readonly subject: Digest;
  /** Of the statement's bytes. */
  readonly digest: Digest;
}

function promisedOf({ attestations, platformDigests }: ValueMap, index: Digest): readonly Promised[] {
  const manifests = mapOf(digestSchema).safeParse(isMap(platformDigests) ? platformDigests : {}).data ?? {};
  return (promisedSchema.safeParse(attestations).data ?? []).flatMap(({ type, digest, platform }) => {
    const subject = platform === undefined ? index : ownValue(manifests, platform);
    return subject === undefined ? [] : [{ predicateType: type, digest, subject }];
  });
}

/** Whether state has all of it, by the same signer, and nothing else. */
function isComplete(index: StoredManifest, promised: readonly Promised[], before: Attached, signer = ""): boolean {
  const subjects = subjectsOf(index, []).map(({ descriptor }) => descriptor.digest);
  return subjects.every((subject) => {
    const wanted = promised.filter((one) => one.subject === subject).map(({ digest }) => digest);
    if (signer !== "") wanted.push(digestOfSignature(subject));
    const there = ownValue(before, subject);
    const own = there?.statements.map(({ statement }) => statement) ?? [];
    if (wanted.length === 0 && own.length === 0) return true;
    return there?.signer === signer && own.length === wanted.length && wanted.every((digest) => own.includes(digest));
  });
}

function digestOfSignature(subject: Digest): Digest {
  return digestOf(signatureStatement(subject).bytes);
}

async function readStatement(session: Session, digest: Digest): Promise<Buffer> {
  const bytes = await session.cache.read("blobs", digest);
  if (bytes !== undefined) return bytes;
  throw new DhiError("unavailable", `the statement ${digest} about this image is no longer in the cache`, {
    origin: "signing",
    hint: "Run the update again, and give the cache more room",
  });
}
