import { Memo } from "../../async/memo.js";
import { blame, DhiError, type ErrorOrigin } from "../../errors.js";
import { digestOf, hexOf, isDigest } from "../../image/digest.js";
import { formatReference } from "../../image/reference.js";
import type { Repository } from "../../image/reference.js";
import { isList, isMap, type ValueMap } from "../../values.js";
import type { Memory, Session } from "../session.js";
import type { VerifySpec } from "../spec/verify.js";
import { placesOf } from "../sources/mirrored.js";
import type { Missing, Outcome, Subject } from "./verify-image.js";

/** An image that must be signed before it is used. */
export interface ToVerify extends Omit<Subject, "places"> {
  /** Where signatures are looked for beside its own repository. */
  readonly more?: readonly Repository[];
  readonly policy: VerifySpec;
  /** What the policy is called in errors: `verify`, or `dhi:verify`. */
  readonly declared: string;
  /** The property that errors are about. */
  readonly property: string;
  readonly origin: ErrorOrigin | undefined;
  /** For errors: `the base`, `the artifact`, `the image`. */
  readonly what: string;
  readonly tag: string | undefined;
}

interface Known {
  /** Policies and digests that state has, or that this operation has found to hold. */
  readonly holding: Set<string>;
  readonly outcomes: Memo<Outcome>;
}

const memories = new WeakMap<Memory, Known>();
const MOST_FOUND = 6;

function knownIn({ memory }: Session): Known {
  const known = memories.get(memory) ?? { holding: new Set(), outcomes: new Memo<Outcome>() };
  memories.set(memory, known);
  return known;
}

/** The output that keeps what was verified: a fingerprint of the policy to the digests that it holds for. */
export const VERIFIED = "__verified";

/** What state has verified is not asked again under the same policy. */
export function rememberVerified(session: Session, values: ValueMap): void {
  const record = values[VERIFIED];
  if (!isMap(record)) return;
  for (const [policy, digests] of Object.entries(record)) {
    if (!isList(digests)) continue;
    for (const digest of digests.filter(isDigest)) knownIn(session).holding.add(`${policy} ${digest}`);
  }
}

/** Of the policy, and the platforms that it was asked for. */
async function fingerprintOf(session: Session, { policy, platforms }: ToVerify): Promise<string> {
  const { openPolicy } = await import("./policy.js");
  const { fingerprint } = await openPolicy(session.projectDirectory, policy);
  return hexOf(digestOf(JSON.stringify([fingerprint, platforms === undefined ? "all" : [...platforms].sort()]))).slice(0, 32);
}

/**
 * Verifies images before anything of them is used. Returns what to keep in state: nothing where there is no policy. Throws `DhiError`
 * "invalid" for one that is not signed as its policy wants.
 */
export async function requireVerified(session: Session, images: readonly ToVerify[]): Promise<ValueMap> {
  const record = new Map<string, Set<string>>();
  for (const image of images) {
    const { origin, property } = image;
    const fingerprint = await blame({ origin, property }, async () => {
      const found = await fingerprintOf(session, image);
      await requireOne(session, image, `${found} ${image.digest}`);
      return found;
    });
    record.set(fingerprint, (record.get(fingerprint) ?? new Set()).add(image.digest));
  }
  const sorted = [...record].sort(([one], [other]) => (one < other ? -1 : 1)).map(([policy, digests]) => [policy, [...digests].sort()]);
  return sorted.length === 0 ? {} : { [VERIFIED]: Object.fromEntries(sorted) as ValueMap };
}

async function requireOne(session: Session, image: ToVerify, key: string): Promise<void> {
  const { holding, outcomes } = knownIn(session);
  if (holding.has(key)) return;
  // Loaded only where a signature is wanted.
  const { openPolicy } = await import("./policy.js");
  const { verifyImage } = await import("./verify-image.js");
  const policy = await openPolicy(session.projectDirectory, image.policy);
  const places = [...placesOf(session, image.repository, image.digest), ...(image.more ?? [])];
  const name = `${key} ${places.map((place) => session.repositories.key(place)).join(" ")}`;
  const outcome = await outcomes.run(name, () => verifyImage(session.repositories, { ...image, places }, policy));
  if ("found" in outcome) throw notVerified(image, outcome);
  holding.add(key);
}

function notVerified(image: ToVerify, missing: Missing): DhiError {
  const { what, repository, tag, digest, declared, property, origin } = image;
  const name = formatReference({ repository, digest, ...(tag === undefined ? {} : { tag }) });
  return new DhiError("invalid", `${what} ${name} is not signed as ${declared} wants, ${describeFound(missing)}`, {
    origin,
    property,
    hint: `Check where the image comes from; if it is right, give the key or the identity that signs it in ${declared}`,
  });
}

/** What is wanted, and what was found instead: at most a few, since anybody may have attached any number. */
export function describeFound({ wants, found }: Missing): string {
  const more = found.length - MOST_FOUND;
  return `${wants}. Found: ${[...found.slice(0, MOST_FOUND), ...(more > 0 ? [`and ${String(more)} more`] : [])].join("; ")}`;
}
