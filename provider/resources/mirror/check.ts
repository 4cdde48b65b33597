import { DhiError } from "../../errors.js";
import { formatRepository, isTag, type Repository } from "../../image/reference.js";
import { parseOldMirror } from "../../pipeline/mirror/old-mirror.js";
import { mirrorDerived, mirrorTransients } from "../../pipeline/mirror/output-names.js";
import { planMirror } from "../../pipeline/mirror/plan-mirror.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import { rememberVerified } from "../../pipeline/verify/verified.js";
import { rememberUrn } from "../../pipeline/tags/published-record.js";
import { equalValues, formatPath, isList, omit, unknown, type ValueMap } from "../../values.js";
import type { CheckRequest, CheckResult, SecretPath } from "../lifecycle.js";
import { describeFailure, parseInputs, type Failure } from "../parse.js";
import { identifyMirror, mirrorSchema } from "./mirror.js";
import { refuseSecondMirror } from "./sole-mirror.js";

/** Checks the inputs, and asks both registries what would be copied: previews know it before anything moves. */
export async function checkMirror(session: Session, request: CheckRequest, log: ResourceLog): Promise<CheckResult> {
  const inputs = omit(request.news, mirrorDerived);
  rememberVerified(session, request.olds);
  const destination = identifyMirror(inputs);
  if (destination !== undefined) rememberUrn(session, formatRepository(destination), request.urn);
  const { value: spec, failures: mistakes } = parseInputs(mirrorSchema, inputs);
  const secret = secretNames(request.secrets);
  const failures = [...secret, ...mistakes.filter((mistake) => !secret.some(({ property }) => mistake.property.startsWith(property)))];
  if (destination !== undefined) failures.push(...refuseSecondMirror(session, destination, request.urn ?? formatRepository(destination)));
  const holder = request.urn ?? (destination === undefined ? "" : formatRepository(destination));
  // Claimed even if the check fails: the tags must survive the deletion of the resource that had them before.
  if (destination !== undefined) session.memory.claims.claim({ destination, tags: knownTags(request) }, holder);
  if (failures.length > 0) return fail(session, request, inputs, failures, log);
  if (spec === undefined) return pass(inputs, unknownOutputs(destination));
  const { repositories } = session;
  if (repositories.key(spec.source) === repositories.key(spec.destination))
    return fail(session, request, inputs, [itself(spec.destination)], log);
  const id = formatRepository(spec.destination);
  const old = parseOldMirror(request.olds);
  const unchanged = equalValues(omit(request.olds, mirrorDerived), inputs);
  try {
    const { derived, tags, failures: conflicts } = await planMirror(session, id, spec, request.olds, old, unchanged, log, request.urn);
    const taken = session.memory.claims.claim({ destination: spec.destination, tags }, holder);
    const all = [...conflicts.map(toFailure), ...taken.map((tag) => takenTag(spec.destination, tag))];
    return all.length > 0 ? fail(session, request, inputs, all, log) : pass(inputs, derived);
  } catch (thrown) {
    if (!(thrown instanceof DhiError)) throw thrown;
    return fail(session, request, inputs, [toFailure(thrown)], log);
  }
}

/** The tags that are named, and those in state. */
function knownTags({ news, olds }: CheckRequest): readonly string[] {
  const { select } = news;
  const named = isList(select) ? select.filter((item) => typeof item === "string").filter(isTag) : [];
  return [...new Set([...named, ...(parseOldMirror(olds)?.tags ?? [])])];
}

function pass(inputs: ValueMap, derived: ValueMap): CheckResult {
  return { inputs, derived, secrets: [], failures: [] };
}

function fail(session: Session, request: CheckRequest, inputs: ValueMap, failures: readonly Failure[], log: ResourceLog): CheckResult {
  if (!session.settings.deferFailures) return { inputs, derived: {}, secrets: [], failures };
  const failure = failures.map(describeFailure).join("\n");
  log.line("error", failure);
  const kept = Object.entries(request.olds).filter(
    ([name, value]) => mirrorDerived.has(name) && !mirrorTransients.has(name) && value !== unknown,
  );
  return pass(inputs, { ...Object.fromEntries(kept), failure });
}

function unknownOutputs(destination: Repository | undefined): ValueMap {
  return {
    repository: destination === undefined ? unknown : formatRepository(destination),
    images: unknown,
    attached: unknown,
    reasons: unknown,
  };
}

function toFailure(error: DhiError): Failure {
  return { property: "", reason: error.describe() };
}

/** Also by a link, or another spelling of the host. */
function itself(destination: Repository): Failure {
  return { property: "destination", reason: `is the source, ${formatRepository(destination)}, itself. Name another repository` };
}

function takenTag(destination: Repository, tag: string): Failure {
  const reason = `another resource of this program also publishes ${formatRepository(destination)}:${tag}. Select other tags, or name another destination`;
  return { property: "select", reason };
}

/** All inputs but the switches are names, which are shown in plain text and sent to registries. */
function secretNames(secrets: readonly SecretPath[]): Failure[] {
  return secrets.map((path) => ({
    property: formatPath(path),
    reason: "is a secret, but what is mirrored is shown in plain text. Give a plain value",
  }));
}
