import { formatRepository } from "../../image/reference.js";
import { LAYOUT_VERSION } from "../../rootfs/layers/key.js";
import type { Session } from "../../pipeline/session.js";
import { hasUnknown, isList, unknown, type Value, type ValueMap } from "../../values.js";
import { takeBase } from "../../pipeline/resolve/resolve.js";
import type { Ripening } from "../../pipeline/resolve/ripening.js";
import type { ProgramOutput } from "../../pipeline/state/output-names.js";
import type { BaseSpec, Identity } from "../../pipeline/spec/image-spec.js";

/**
 * The outputs while an input is unknown: the shape of every output, with unknowns at its leaves. A known base is still
 * resolved, so that a missing one is reported early.
 */
export async function deriveUnknown(
  session: Session,
  inputs: ValueMap,
  identity: Identity | undefined,
  base: BaseSpec | undefined,
  ripening: Ripening,
): Promise<Readonly<Record<ProgramOutput, Value>> & ValueMap> {
  const digest = base === undefined ? undefined : await takeBase(session, base, ripening);
  const { platforms } = inputs;
  // Of a range that could not be asked for: the repository is not known. An immutable tag follows from the digest.
  const isRangeUnknown = identity?.name !== undefined && base === undefined;
  const isOnBase = base !== undefined || "version" in inputs;
  const lacksTag = identity?.immutable === true || isRangeUnknown || (inputs["suffixAllTags"] ?? false) !== false;
  return {
    digest: unknown,
    ref: unknown,
    tags: identity === undefined || lacksTag ? unknown : Object.fromEntries(identity.tags.map((tag) => [tag, unknown])),
    platformDigests: knownNames(platforms) ?? unknown,
    resolution: {
      // With a base it depends on what the layers leave of its labels.
      layoutVersion: isOnBase ? unknown : LAYOUT_VERSION,
      ...(base === undefined ? unknownBase(inputs) : { base: { tag: base.tag, digest: digest ?? unknown } }),
      artifacts: unknown,
      files: unknown,
      packages: "packages" in inputs || "upgradeInstalled" in inputs ? unknown : {},
    },
    reasons: unknown,
    notices: unknown,
    attestations: isStated(session, inputs) ? unknown : [],
    asBase: { repository: identity === undefined ? unknown : formatRepository(identity.destination), version: unknown },
    ...(base === undefined || digest === undefined
      ? unknownBase(inputs)
      : { base: { ref: `${formatRepository(base.repository)}@${digest}`, digest, tag: base.tag } }),
  };
}

function isStated({ settings }: Session, inputs: ValueMap): boolean {
  return settings.sign !== undefined || "sign" in inputs || "vex" in inputs;
}

function unknownBase(inputs: ValueMap): ValueMap {
  return "version" in inputs ? { base: { ref: unknown, digest: unknown, tag: unknown } } : {};
}

function knownNames(platforms: Value | undefined): ValueMap | undefined {
  if (!isList(platforms) || hasUnknown(platforms)) return undefined;
  return Object.fromEntries(platforms.filter((name) => typeof name === "string").map((name) => [name, unknown]));
}
