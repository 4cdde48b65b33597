import { DhiError } from "../../errors.js";
import { formatRepository } from "../../image/reference.js";
import type { CheckRequest, CheckResult, SecretPath } from "../lifecycle.js";
import { describeFailure, parseInputs, type Failure } from "../parse.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import { formatPath, omit, unknown, type ValueMap } from "../../values.js";
import { addAliases } from "./declared-aliases.js";
import { findDeclaredBase } from "./declared-base.js";
import { deriveOutputs } from "./derive.js";
import { deriveUnknown } from "./derive-unknown.js";
import { derivedProperties, transientProperties } from "../../pipeline/state/output-names.js";
import { storedBaseTag } from "../../pipeline/state/stored-identity.js";
import { rememberOwnDigests } from "../../pipeline/tags/own-digests.js";
import { rememberUrn } from "../../pipeline/tags/published-record.js";
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
  const { value: declared, failures: mistakes } = parseInputs(kind.schema, inputs);
  const secret = secretNames(kind, request.secrets);
  // Other failures of secret names are dropped, as their messages may quote a part of the secret.
  const failures = [...secret, ...mistakes.filter((mistake) => !secret.some(({ property }) => mistake.property.startsWith(property)))];
  let base: BaseSpec | undefined;
  let spec: ImageSpec | undefined;
  try {
    if (failures.length === 0) base = await findDeclaredBase(session, kind, inputs, request, log);
    const named = failures.length > 0 || declared === undefined ? undefined : specAt(declared, base?.tag);
    spec = named && (await addAliases(session, named, inputs, request, log));
  } catch (thrown) {
    failures.push(asFailure(thrown));
  }
  const identity = spec === undefined ? kind.identify(inputs, base?.tag ?? storedBaseTag(request.olds)) : identityOf(spec);
  if (identity !== undefined) {
    rememberUrn(session, formatId(identity), request.urn);
    // Claimed even for rejected inputs: the tags must survive the deletion of the resource that had them before.
    failures.push(...takenTags(session, identity, request.urn ?? formatId(identity)));
  }
  if (failures.length > 0) return fail(session, request, inputs, failures, log);
  try {
    const derived =
      spec === undefined
        ? await deriveUnknown(session, inputs, identity, base)
        : await deriveOutputs(session, kind, spec, inputs, request, log);
    return { inputs, derived, secrets: secretPlaces(derived, request.secrets), failures: [] };
  } catch (thrown) {
    return fail(session, request, inputs, [asFailure(thrown)], log);
  }
}

function asFailure(thrown: unknown): Failure {
  if (!(thrown instanceof DhiError)) throw thrown;
  return { property: "", reason: thrown.describe() };
}

function fail(session: Session, request: CheckRequest, inputs: ValueMap, failures: readonly Failure[], log: ResourceLog): CheckResult {
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
  if (root === "packages" || root === "distribution") return "the list of packages";
  return root === "packageSources" && key !== "keys" && key !== "allowUnsigned" && key !== "allowExpired"
    ? "the sources of packages"
    : undefined;
}

function takenTags(session: Session, identity: Identity, holder: string): readonly Failure[] {
  return session.memory.claims.claim(identity, holder).map((tag) => ({
    property: "",
    reason: `another resource of this program also publishes ${formatRepository(identity.destination)}:${tag}. Give one of them another suffix, tag or destination`,
  }));
}
