import type { VerifiedStatement } from "../../attestation/verified-statement.js";
import type { Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import { placesOf } from "../sources/mirrored.js";
import type { VerifySpec } from "../spec/verify.js";
import { judgeAttached } from "./judgements.js";
import { openPolicy } from "./policy.js";
import { openBudget, Reading } from "./reading.js";

/**
 * What is stated of an index or a manifest by those whom a policy trusts, each document once, in an order of their own: what others have
 * attached does not count. Throws `DhiError` where a registry cannot be asked.
 */
export async function verifiedStatements(
  session: Session,
  repository: Repository,
  digest: Digest,
  verify: VerifySpec,
  predicateTypes: ReadonlySet<string>,
): Promise<readonly VerifiedStatement[]> {
  const policy = await openPolicy(session.projectDirectory, verify);
  const trust = await policy.trust();
  const all = [...placesOf(session, repository, digest), ...(policy.source === undefined ? [] : [policy.source])];
  const places = new Map(all.map((place) => [session.repositories.key(place), place]));
  const budget = openBudget();
  const found = new Map<string, VerifiedStatement>();
  for (const place of places.values()) {
    for await (const { verdict } of judgeAttached(new Reading(session.repositories.open(place), budget), digest, trust)) {
      if (!("signer" in verdict) || verdict.statement === undefined) continue;
      const { predicateType, predicate } = verdict.statement;
      if (predicateTypes.has(predicateType)) found.set(JSON.stringify(predicate), { predicateType, predicate });
    }
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, statement]) => statement);
}
