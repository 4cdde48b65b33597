import { DhiError } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import type { Lifecycle } from "../lifecycle.js";
import { describeFailure, parseInputs } from "../parse.js";
import { equalValues, omit, type ValueMap } from "../../values.js";
import { checkImage } from "./check.js";
import { deleteImage } from "../../pipeline/tags/deletion.js";
import { publishedTags } from "../../pipeline/state/published-tags.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import { parseAttached } from "../../pipeline/attest/attached.js";
import { keptTags, parseHistory, specFor } from "../../pipeline/state/history.js";
import { derivedProperties, propertiesIgnoredByDiff, transientProperties } from "../../pipeline/state/output-names.js";
import { rememberOwnDigests } from "../../pipeline/tags/own-digests.js";
import { publishImage, type PublishRequest } from "../../pipeline/publish/publish.js";
import { recordPublishing } from "../../pipeline/tags/published-record.js";
import { rememberVerified } from "../../pipeline/verify/verified.js";
import { readImage } from "./read.js";
import { parseResolution } from "../../pipeline/state/resolution.js";
import { storedIdentity } from "../../pipeline/state/stored-identity.js";
import { imageSecrecy } from "./secret-places.js";
import { storedAliases } from "../../pipeline/state/aliases.js";
import { formatId, identityOf, specAt, withAliases, type ImageKind } from "../../pipeline/spec/image-spec.js";

/** The lifecycle of both resources. */
export function imageLifecycle(kind: ImageKind): Lifecycle {
  return {
    secrecy: imageSecrecy(kind),
    identify: (inputs) => {
      const identity = storedIdentity(kind, inputs);
      return identity === undefined ? undefined : formatId(identity);
    },
    check: (session, request, log) => checkImage(session, kind, request, log),
    diff: (id, olds, news) => diffImage(kind, id, olds, news),
    create: async (session, inputs, log) => {
      rememberVerified(session, inputs);
      const request = parseChecked(kind, inputs);
      const id = formatId(identityOf(request.spec));
      await recordPublishing(session, id, inputs["digest"]);
      return { id, outputs: await publishImage(session, id, request, undefined, log) };
    },
    update: async (session, id, olds, news, log) => {
      rememberOwnDigests(session, kind, olds);
      rememberVerified(session, news);
      await recordPublishing(session, id, news["digest"]);
      return publishImage(session, id, parseChecked(kind, news), olds, log);
    },
    read: (session, id, outputs) => readImage(session, kind, id, outputs),
    delete: async (session, _id, outputs, log) => {
      await detachAll(session, kind, outputs, log);
      await deleteImage(session, kind, outputs, log);
    },
  };
}

/** Before the tags go; those that another resource has taken over keep the attestations. */
async function detachAll(session: Session, kind: ImageKind, outputs: ValueMap, log: ResourceLog): Promise<void> {
  const identity = storedIdentity(kind, outputs);
  const attached = parseAttached(outputs["__attached"]);
  if (identity === undefined || Object.keys(attached).length === 0) return;
  const { destination } = identity;
  const names = [...identity.tags, ...publishedTags(outputs), ...keptTags(outputs)];
  const tags = new Set(names.filter((tag) => !session.memory.claims.isClaimed({ destination, tags: [tag] }, tag)));
  const { detachImages } = await import("../../pipeline/attest/detach-images.js");
  await detachImages(session, { destination, stay: [], tags, attached }, log);
}

/**
 * Old outputs and checked inputs have the same properties, so they can be compared directly. The same image is no change, whatever its names
 * resolve to now.
 */
function diffImage(kind: ImageKind, id: string, olds: ValueMap, news: ValueMap): readonly string[] | undefined {
  const sameImage = isDigest(olds["digest"]) && olds["digest"] === news["digest"];
  const ignored = sameImage ? new Set([...propertiesIgnoredByDiff, "resolution"]) : propertiesIgnoredByDiff;
  if (equalValues(omit(olds, ignored), omit(news, ignored))) return undefined;
  const identity = storedIdentity(kind, news);
  if (identity !== undefined && formatId(identity) === id) return [];
  return kind.identity.filter((name) => (name in olds || name in news) && !equalValues(olds[name], news[name]));
}

/** Parses checked inputs. Throws the failure that check has deferred. */
function parseChecked(kind: ImageKind, checked: ValueMap): PublishRequest {
  if (typeof checked["failure"] === "string") throw new DhiError("invalid", checked["failure"]);
  const { value: declared, failures } = parseInputs(kind.schema, omit(checked, derivedProperties));
  const resolution = parseResolution(checked["resolution"]);
  const named = declared === undefined ? undefined : specAt(declared, resolution?.base?.tag);
  const spec = named && withAliases(named, storedAliases(checked) ?? []);
  const digest: Digest | undefined = isDigest(checked["digest"]) ? checked["digest"] : undefined;
  if (spec === undefined || resolution === undefined || digest === undefined) {
    const reasons = failures.map(describeFailure).join("\n");
    throw new DhiError("invalid", `the checked inputs are not those that check returned${reasons === "" ? "" : `: ${reasons}`}`);
  }
  return { spec: specFor(spec, digest, parseHistory(checked)), resolution, digest, checked: omit(checked, transientProperties) };
}
