import { DhiError } from "../../errors.js";
import { digestOf, hexOf } from "../../image/digest.js";
import type { CheckRequest } from "../lifecycle.js";
import type { ResourceLog, Session } from "../../pipeline/session.js";
import { equalValues } from "../../values.js";
import type { LocalSources } from "../../pipeline/sources/local-sources.js";
import type { OldImage } from "../../pipeline/state/old-image.js";
import { resolutionValue } from "../../pipeline/state/resolution.js";
import { holdResolution, resolveSpec, type Resolved } from "../../pipeline/resolve/resolve.js";
import type { Ripening } from "../../pipeline/resolve/ripening.js";
import type { ImageSpec } from "../../pipeline/spec/image-spec.js";
import { tagKey } from "../../pipeline/tags/tag-key.js";
import { heldResolution } from "./held-resolution.js";

/**
 * Resolves the names: as held by `ignoreChanges`, or else by registries and archives. `unchanged`: the image in state, when the inputs are
 * the same; it is kept while a registry or an archive is unavailable.
 */
export async function resolveCurrent(
  session: Session,
  spec: ImageSpec,
  local: LocalSources,
  request: CheckRequest,
  unchanged: OldImage | undefined,
  ripening: Ripening,
  log: ResourceLog,
): Promise<Resolved> {
  const holding = heldResolution(session, request);
  if (holding !== undefined) {
    // Archives remove old versions: those of an unchanged image need not exist any more.
    const old = unchanged?.resolution;
    const isKept = old !== undefined && equalValues(resolutionValue(old), resolutionValue(holding.resolution));
    if (isKept) return { resolution: old, archives: unchanged?.archives ?? [] };
    return holdResolution(session, spec, local, holding, ripening, log);
  }
  // Keyed by destination as well: projects that share a cache may have layouts of the same name.
  const confirmations = { kind: "confirmations", key: hexOf(digestOf(tagKey(session, spec.destination, spec.tags[0].tag))) } as const;
  try {
    const known = unchanged?.resolution === undefined ? undefined : { resolution: unchanged.resolution, archives: unchanged.archives };
    const resolved = await resolveSpec(session, spec, local, ripening, log, known);
    // Used only in a message: checks do not fail because the cache cannot be written.
    await session.cache.write(confirmations.kind, confirmations.key, Buffer.from(new Date().toISOString())).catch(() => undefined);
    return resolved;
  } catch (thrown) {
    const old = unchanged?.resolution;
    const sameFiles = old !== undefined && equalValues(old.files, local.digests);
    if (!(thrown instanceof DhiError) || thrown.code !== "unavailable" || !sameFiles || session.settings.requireFresh) throw thrown;
    ripening.standStill();
    const since = (await session.cache.read(confirmations.kind, confirmations.key))?.toString() ?? "an unknown time";
    log.line("warning", `kept unchanged: ${thrown.describe()}. Its sources were last confirmed at ${since}`);
    return { resolution: old, archives: unchanged?.archives ?? [] };
  }
}
