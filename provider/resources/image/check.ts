import { DhiError } from "../../errors.js";
import { formatRepository } from "../../image/reference.js";
import type { CheckRequest, CheckResult, SecretPath } from "../lifecycle.js";
import { describeFailure, parseInputs, type Failure } from "../parse.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import { formatPath, hasUnknown, omit, unknown, type ValueMap } from "../../values.js";
import { PolicyError } from "../../pipeline/policy/violation.js";
import { addAliases } from "./declared-aliases.js";
import { findDeclaredBase } from "./declared-base.js";
import { deriveOutputs } from "./derive.js";
import { deriveUnknown } from "./derive-unknown.js";
import { derivedProperties, transientProperties } from "../../pipeline/state/output-names.js";
import { keptTags } from "../../pipeline/state/history.js";
import { storedBaseTag } from "../../pipeline/state/stored-identity.js";
import { rememberOwnDigests } from "../../pipeline/tags/own-digests.js";
import { rememberVerified } from "../../pipeline/verify/verified.js";
import { rememberUrn } from "../../pipeline/tags/published-record.js";
import { openRipening } from "./open-ripening.js";
import { secretPlaces } from "./secret-places.js";
import {
  formatId,
  identityOf,
  specAt,
  type BaseSpec,
  type Identity,
  type ImageKind,
  type ImageSpec,
} from "../../pipeline/spec/image-spec.js";

/**
 * Checks the inputs and composes the image, in preview too, so that all outputs are known before anything is pushed.
 * Reports all failures at once; `dhi:deferFailures` defers them to create and update.
 */
export async function checkImage(session: Session, kind: ImageKind, request: CheckRequest, log: ResourceLog): Promise<CheckResult> {
  const inputs = omit(request.news, derivedProperties);
  rememberOwnDigests(session, kind, request.olds);
  rememberVerified(session, request.olds);
  const { value: declared, failures: mistakes } = parseInputs(kind.schema, inputs);
  const secret = secretNames(kind, request.secrets);
  // Other failures of secret names are dropped, as their messages may quote a part of the secret.
  const failures = [...secret, ...mistakes.filter((mistake) => !secret.some(({ property }) => mistake.property.startsWith(property)))];
  const ripening = openRipening(session, kind, request);
  let base: BaseSpec | undefined;
  let spec: ImageSpec | undefined;
  try {
    // Without the age it is not known which base may be taken.
    if (failures.length === 0 && !hasUnknown(inputs["minimumAge"] ?? null)) {
      base = await findDeclaredBase(session, kind, inputs, request, ripening, log);
      const named = declared === undefined ? undefined : specAt(declared, base?.tag);
      spec = named && (await addAliases(session, named, inputs, request, ripening, log));
    }
  } catch (thrown) {
    failures.push(asFailure(thrown));
  }
  const identity = spec?.aliases === undefined ? kind.identify(inputs, base?.tag ?? storedBaseTag(request.olds)) : identityOf(spec);
  if (identity !== undefined) {
    rememberUrn(session, formatId(identity), request.urn);
    // Claimed even for rejected inputs: the tags must survive the deletion of the resource that had them before.
    failures.push(...takenTags(session, identity, request.urn ?? formatId(identity)));
  }
  if (failures.length > 0) return fail(session, identity, request, inputs, failures, log);
  try {
    const derived =
      spec === undefined
        ? await deriveUnknown(session, inputs, identity, base, ripening)
        : await deriveOutputs(session, kind, spec, inputs, request, ripening, log);
    claimKept(session, identity, derived, request);
    return { inputs, derived, secrets: secretPlaces(derived, request.secrets), failures: [] };
  } catch (thrown) {
    const violations = thrown instanceof PolicyError ? thrown.violations : [thrown];
    return fail(session, identity, request, inputs, violations.map(asFailure), log);
  }
}

function asFailure(thrown: unknown): Failure {
  if (!(thrown instanceof DhiError)) throw thrown;
  return { property: "", reason: thrown.describe() };
}

function fail(
  session: Session,
  identity: Identity | undefined,
  request: CheckRequest,
  inputs: ValueMap,
  failures: readonly Failure[],
  log: ResourceLog,
): CheckResult {
  claimKept(session, identity, request.olds, request);
  if (!session.settings.deferFailures) return { inputs, derived: {}, secrets: [], failures };
  const failure = failures.map(describeFailure).join("\n");
  log.line("error", failure);
  const kept = Object.entries(request.olds).filter(
    ([key, value]) => derivedProperties.has(key) && !transientProperties.has(key) && value !== unknown,
  );
  const derived = { ...Object.fromEntries(kept), failure };
  return { inputs, derived, secrets: secretPlaces(derived, request.secrets), failures: [] };
}

/** The id and the tags are shown in plain text, and names of images and packages are sent to registries and archives, so none may be secret. */
function secretNames(kind: ImageKind, secrets: readonly SecretPath[]): Failure[] {
  return secrets.flatMap((path) => {
    const what = describeShown(kind, path);
    if (what === undefined) return [];
    return [
      { property: formatPath(path), reason: `is a secret, but it is part of ${what}, which is shown in plain text. Give a plain value` },
    ];
  });
}

function describeShown({ shown }: ImageKind, [root, , key]: SecretPath): string | undefined {
  if (typeof root === "string" && shown.includes(root)) return "an image's name";
  if (root === "artifacts" && (key ?? "image") === "image") return "an image's name";
  if (root === "vex") return "an attestation";
  if (root === "packages" || root === "distribution") return "the list of packages";
  return root === "packageSources" && key !== "keys" && key !== "allowUnsigned" && key !== "allowExpired"
    ? "the sources of packages"
    : undefined;
}

/** The tags of earlier images survive the deletion of another resource, also in an operation that does not update this one. */
function claimKept(session: Session, identity: Identity | undefined, outputs: ValueMap, { urn }: CheckRequest): void {
  if (identity === undefined) return;
  session.memory.claims.claim({ destination: identity.destination, tags: keptTags(outputs) }, urn ?? formatId(identity));
}

function takenTags(session: Session, identity: Identity, holder: string): readonly Failure[] {
  const { claims } = session.memory;
  const taken = claims.claim(identity, holder);
  // Tags that end in a digest differ by what is before it. An id begins with the repository, and so is not a tag.
  const sameId = claims.claim({ ...identity, tags: [formatId(identity)] }, holder);
  return (taken.length > 0 ? taken : sameId.map(() => `${identity.name ?? identity.tags[0] ?? ""}-<short digest>`)).map((tag) => ({
    property: "",
    reason: `another resource of this program also publishes ${formatRepository(identity.destination)}:${tag}. Give one of them another suffix, tag or destination`,
  }));
}
