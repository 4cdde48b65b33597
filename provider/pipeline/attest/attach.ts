import { finishParallel } from "../../async/parallel.js";
import { Turns } from "../../async/turns.js";
import type { Signer } from "../../attestation/signing/signer.js";
import { blame } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Memory, ResourceLog, Session } from "../session.js";
import type { AttestedSubject } from "./attested-subject.js";
import { withoutSubjects, type Attached } from "./attached.js";
import { attachTo, detachFrom } from "./attach-to.js";

const jobs = 4;

/** Two images with the same digest have the same attestations, under the same tags. */
const turns = new WeakMap<Memory, Turns>();

/**
 * Signs each subject, and attaches its statements: by referrers, and under the tags of cosign. What is there already is left as it is, what
 * we attached earlier and is no longer stated is removed, and what others attached stays. Without a signer, statements are attached unsigned.
 *
 * `before`: what state says of all subjects. `written` gets what is true after each subject, for the state after a failure. Throws `DhiError`
 * of the origin "signing" where nothing could be signed, and "destination" where it could not be written; repeating it goes on.
 */
export async function attachAttestations(
  session: Session,
  destination: Repository,
  subjects: readonly AttestedSubject[],
  signer: Signer | undefined,
  before: Attached,
  log: ResourceLog,
  written: (attached: Attached) => void = () => undefined,
): Promise<Attached> {
  let attached = before;
  await finishParallel(subjects, jobs, async (subject) => {
    const { digest } = subject.descriptor;
    const attaching = { session, destination, signer, log };
    const now = await inTurn(session, destination, digest, () => attachTo(attaching, subject, before[digest]));
    attached = { ...attached, [digest]: now };
    written(attached);
  });
  return attached;
}

/**
 * Removes what we attached to these subjects, such as images that are no longer kept; what others attached stays. Called before the tags of an
 * image go: a layout keeps what a referrer refers to. Returns what is left of `before`.
 */
export async function detachAttestations(
  session: Session,
  destination: Repository,
  subjects: ReadonlySet<Digest>,
  before: Attached,
  log: ResourceLog,
): Promise<Attached> {
  const own = Object.entries(before).filter(([subject]) => isDigest(subject) && subjects.has(subject));
  await finishParallel(own, jobs, async ([subject, { statements }]) => {
    if (isDigest(subject))
      await inTurn(session, destination, subject, () => detachFrom({ session, destination, log }, subject, statements));
  });
  return withoutSubjects(before, subjects);
}

function inTurn<T>(session: Session, destination: Repository, subject: Digest, work: () => Promise<T>): Promise<T> {
  const known = turns.get(session.memory) ?? new Turns();
  turns.set(session.memory, known);
  return blame({ origin: "destination" }, () => known.run(`${session.repositories.key(destination)}@${subject}`, work));
}
