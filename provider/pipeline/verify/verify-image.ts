import type { Trust } from "../../attestation/verification/trust.js";
import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { parseIndex, platformManifests } from "../../image/manifest.js";
import { isIndexType } from "../../image/media-types.js";
import { formatPlatform } from "../../image/platform.js";
import { formatReference, formatRepository, type Repository } from "../../image/reference.js";
import type { Repositories, StoredManifest } from "../../registry/repository.js";
import { judgeAttached } from "./judgements.js";
import type { Policy } from "./policy.js";
import { openBudget, Reading, type Budget } from "./reading.js";

/** The image to verify. */
export interface Subject {
  /** For errors. */
  readonly repository: Repository;
  readonly digest: Digest;
  /** Those that are used. Undefined: all. */
  readonly platforms: readonly string[] | undefined;
  /** Where the image and its signatures are looked for, one after the other. */
  readonly places: readonly Repository[];
}

/** Who has signed, or why what was found is not enough. */
export type Outcome = { readonly signer: string } | Missing;

/** No signature as it is wanted. */
export interface Missing {
  readonly wants: string;
  readonly found: readonly string[];
}

/**
 * Looks for a signature of an image. One of its index is enough; else each manifest that is used needs one. Throws `DhiError` where a
 * registry cannot be asked, and "not-found" for an image that is not there.
 */
export async function verifyImage(repositories: Repositories, subject: Subject, policy: Policy): Promise<Outcome> {
  const trust = await policy.trust();
  const budget = openBudget();
  const all = [...subject.places, ...(policy.source === undefined ? [] : [policy.source])];
  const places = [...new Map(all.map((place) => [repositories.key(place), place])).values()];
  const whole = await search(repositories, places, subject.digest, trust, budget);
  if ("signer" in whole) return whole;
  const signers = new Set<string>();
  for (const { digest, name } of await usedManifests(repositories, subject)) {
    const part = await search(repositories, places, digest, trust, budget);
    if ("found" in part) return { ...whole, found: [...whole.found, ...part.found.map((line) => `${name}: ${line}`)] };
    signers.add(part.signer);
  }
  return signers.size === 0 ? whole : { signer: [...signers].join(", ") };
}

async function search(
  repositories: Repositories,
  places: readonly Repository[],
  digest: Digest,
  trust: Trust,
  budget: Budget,
): Promise<Outcome> {
  const found: string[] = [];
  for (const place of places) {
    const where = places.length === 1 ? "" : ` in ${formatRepository(place)}`;
    for await (const { name, verdict } of judgeAttached(new Reading(repositories.open(place), budget), digest, trust)) {
      if ("signer" in verdict) return verdict;
      found.push(`${name}${where}: ${verdict.refusal}`);
    }
  }
  return { wants: trust.wants, found: found.length === 0 ? [`no signature in ${places.map(formatRepository).join(" and ")}`] : found };
}

/** The manifests of an index for the platforms that are used, also those that do not say for which one they are. */
async function usedManifests(
  repositories: Repositories,
  { repository, digest, platforms, places }: Subject,
): Promise<readonly { readonly digest: Digest; readonly name: string }[]> {
  const what = formatReference({ repository, digest });
  const stored = await readFirst(repositories, places, digest);
  if (stored === undefined) throw new DhiError("not-found", `${what} does not exist`, { hint: "Mirror or push it first" });
  if (!isIndexType(stored.mediaType)) return [];
  return platformManifests(parseIndex(stored.bytes, what)).flatMap(({ digest: child, platform }) => {
    const name = platform === undefined ? undefined : formatPlatform(platform);
    const isUsed = name === undefined || platforms === undefined || platforms.includes(name);
    return isUsed ? [{ digest: child, name: name ?? child }] : [];
  });
}

async function readFirst(repositories: Repositories, places: readonly Repository[], digest: Digest): Promise<StoredManifest | undefined> {
  for (const place of places) {
    const stored = await repositories.open(place).getManifest(digest);
    if (stored !== undefined) return stored;
  }
  return undefined;
}
