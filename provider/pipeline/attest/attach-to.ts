import { mapParallel } from "../../async/parallel.js";
import type { Signer } from "../../attestation/signing/signer.js";
import { blame } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { digestOf } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { ResourceLog, Session } from "../session.js";
import { findAdoptable, type Adopted } from "./adopt.js";
import type { AttestedSubject, StatementBytes } from "./attested-subject.js";
import type { AttachedStatement, AttachedTo } from "./attached.js";
import { readPlace, type AttachedPlace } from "./attached-place.js";
import { attachAdopted, attachSigned, attachUnsigned, signatureStatement, type Attachment } from "./sign-statement.js";
import { writeAttachments } from "./write-attachments.js";

/** Services of keyless signing are asked so many at a time. */
const jobs = 4;

/** What attaching to one destination needs. */
export interface Attaching {
  readonly session: Session;
  readonly destination: Repository;
  readonly signer: Signer | undefined;
  readonly log: ResourceLog;
}

/** Attaches to one subject, and removes what we attached to it earlier and do not state any more. */
export async function attachTo(attaching: Attaching, subject: AttestedSubject, before: AttachedTo | undefined): Promise<AttachedTo> {
  const { session, destination, signer, log } = attaching;
  const { digest } = subject.descriptor;
  const repository = session.repositories.open(destination);
  const place = await readPlace(repository, digest);
  const wanted = signer === undefined ? subject.statements : [signatureStatement(digest), ...subject.statements];
  const attachments = await make(attaching, subject, wanted, place, before);
  await writeAttachments({ session, repository, subject: digest, log }, place, attachments, before?.statements ?? []);
  return { signer: signer?.id ?? "", statements: attachments.map(({ entry }) => entry) };
}

/** Removes what we attached to a subject. */
export async function detachFrom(
  { session, destination, log }: Omit<Attaching, "signer">,
  subject: Digest,
  before: readonly AttachedStatement[],
): Promise<void> {
  const repository = session.repositories.open(destination);
  await writeAttachments({ session, repository, subject, log }, await readPlace(repository, subject), [], before);
}

async function make(
  { session, destination, signer }: Attaching,
  { descriptor }: AttestedSubject,
  wanted: readonly StatementBytes[],
  place: AttachedPlace,
  before: AttachedTo | undefined,
): Promise<readonly Attachment[]> {
  if (signer === undefined) return wanted.map((statement) => attachUnsigned(descriptor, statement));
  const own = before?.signer === signer.id ? before.statements.filter((entry) => isThere(place, entry)) : [];
  const kept = new Map(own.map((entry) => [entry.statement, entry]));
  const missing = wanted.filter(({ bytes }) => !kept.has(digestOf(bytes)));
  const known = new Set(before?.statements.map(({ referrer }) => referrer));
  const others = missing.length === 0 ? [] : [...place.referrers.digests].filter((referrer) => !known.has(referrer));
  const types = new Set(missing.map(({ predicateType }) => predicateType));
  const { verify } = signer;
  const adopted: ReadonlyMap<Digest, Adopted> =
    verify === undefined ? new Map<Digest, Adopted>() : await findAdoptable(session.repositories.open(destination), others, types, verify);
  return blame({ origin: "signing" }, () =>
    mapParallel(wanted, jobs, async (statement) => {
      const digest = digestOf(statement.bytes);
      const entry = kept.get(digest);
      if (entry !== undefined) return { entry, referrer: undefined, layer: undefined };
      const found = adopted.get(digest);
      return found === undefined
        ? attachSigned(signer, destination, descriptor, statement, place.sig)
        : attachAdopted(signer, destination, descriptor, statement, found, place.sig);
    }),
  );
}

/** Both forms: where one is lost, both are made again, since they have one signature. */
export function isThere({ referrers, sig, att }: AttachedPlace, { referrer, layer }: AttachedStatement): boolean {
  return referrers.digests.has(referrer) && (layer === undefined || sig.marks.has(layer) || att.marks.has(layer));
}
