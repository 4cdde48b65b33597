import { blame, DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatRepository } from "../../image/reference.js";
import { LAYOUT_VERSION } from "../../rootfs/layers/key.js";
import type { UsedArchive } from "../../packages/used-archive.js";
import type { HeldResolution, ResourceLog, Session } from "../session.js";
import { ownValue } from "../../values.js";
import type { LocalSources } from "../sources/local-sources.js";
import { archivesOf, versionsOf } from "./resolved-packages.js";
import { resolvePackages, type HeldVersions } from "./resolve-packages.js";
import type { Resolution } from "../state/resolution.js";
import { openSources } from "../sources/sources.js";
import type { Artifact } from "../spec/image-inputs.js";
import { packagesProperty, usesPackages, type BaseSpec, type ImageSpec } from "../spec/image-spec.js";
import { resolveReference } from "./resolve-reference.js";
import { resolveRipePackages } from "./ripe-packages.js";
import type { Ripening } from "./ripening.js";

/** The resolution, and the package archives that were used. */
export interface Resolved {
  readonly resolution: Resolution;
  readonly archives: readonly UsedArchive[];
}

/**
 * Resolves tags by the registries, and packages by the archives; pinned references need no request. `known`: the previous resolution of
 * the same inputs, whose packages are reused when base and archives are the same. `held`: versions that packages must resolve to.
 */
export async function resolveSpec(
  session: Session,
  spec: ImageSpec,
  local: LocalSources,
  ripening: Ripening,
  log: ResourceLog,
  known?: Resolved,
  held?: HeldVersions,
): Promise<Resolved> {
  const resolution = await resolveNames(session, spec, local, ripening);
  if (!usesPackages(spec)) return { resolution, archives: [] };
  const { packages } = ripening;
  if (known !== undefined && !packages.isDue && (await isUnchanged(session, spec, resolution, known))) {
    packages.standStill();
    return { resolution: { ...resolution, packages: known.resolution.packages }, archives: known.archives };
  }
  await ripening.requireKept(session);
  const sources = await openSources(session, spec, resolution);
  const mayStay = known !== undefined && resolution.base?.digest === known.resolution.base?.digest;
  const plan =
    held !== undefined || !packages.isOn
      ? await resolvePackages(session, spec, sources, held, log)
      : await resolveRipePackages(session, spec, sources, packages, mayStay, log);
  // With the archives of then: the next check asks again.
  if (plan === undefined) {
    return { resolution: { ...resolution, packages: known?.resolution.packages ?? {} }, archives: known?.archives ?? [] };
  }
  return { resolution: { ...resolution, packages: versionsOf(plan) }, archives: archivesOf(plan, session.packages) };
}

/** Compares only stack config and release files; a missing or unreadable archive is reported by the resolution that follows. */
async function isUnchanged(session: Session, spec: ImageSpec, resolution: Resolution, known: Resolved): Promise<boolean> {
  if (known.archives.length === 0 || resolution.base?.digest !== known.resolution.base?.digest) return false;
  const moved = ({ distribution, settings }: UsedArchive): boolean =>
    distribution !== undefined && session.packages.settingsOf(distribution) !== settings;
  if (known.archives.some(moved)) return false;
  return blame({ origin: "packages", property: packagesProperty(spec) }, async () =>
    (await Promise.all(known.archives.map((archive) => isArchiveUnchanged(session, archive)))).every(Boolean),
  );
}

/** State has no logins: an archive whose login is in the base's own sources counts as changed, so that these are read. */
async function isArchiveUnchanged(session: Session, archive: UsedArchive): Promise<boolean> {
  try {
    return await session.packages.of(archive).isUnchanged(archive);
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "unauthorized") return false;
    throw thrown;
  }
}

async function resolveNames(session: Session, spec: ImageSpec, local: LocalSources, ripening: Ripening): Promise<Resolution> {
  const artifacts = new Map<string, Digest>();
  for (const [at, { image }] of (spec.inputs.artifacts ?? []).entries()) {
    const property = `artifacts[${String(at)}].image`;
    artifacts.set(image.text, await blame({ origin: "artifact", property }, () => resolveArtifact(session, image, ripening)));
  }
  const base = spec.base === undefined ? undefined : { tag: spec.base.tag, digest: await takeBase(session, spec.base, ripening) };
  return {
    layoutVersion: LAYOUT_VERSION,
    ...(base === undefined ? {} : { base }),
    artifacts: Object.fromEntries([...artifacts].sort(([a], [b]) => (a < b ? -1 : 1))),
    files: local.digests,
    packages: {},
  };
}

async function resolveArtifact(session: Session, { reference, text }: Artifact["image"], ripening: Ripening): Promise<Digest> {
  const digest = await resolveReference(session, reference);
  const { repository, tag } = reference;
  const isPinned = reference.digest !== undefined || tag === undefined;
  return isPinned ? digest : ripening.take(session, { what: "artifact", repository, tag, digest }, text);
}

/** Keeps the held resolution as far as the inputs still need it, and resolves the rest now. */
export async function holdResolution(
  session: Session,
  spec: ImageSpec,
  local: LocalSources,
  { resolution: held, upgraded }: HeldResolution,
  ripening: Ripening,
  log: ResourceLog,
): Promise<Resolved> {
  const { base } = spec;
  const heldBase = base !== undefined && held.base?.tag === base.tag ? held.base.digest : undefined;
  const pinned = base === undefined ? spec : { ...spec, base: { ...base, pinned: base.pinned ?? heldBase } };
  const artifacts = spec.inputs.artifacts?.map((artifact) => {
    const digest = ownValue(held.artifacts, artifact.image.text);
    const { image } = artifact;
    return digest === undefined ? artifact : { ...artifact, image: { ...image, reference: { ...image.reference, digest } } };
  });
  const { resolution: fresh, archives } = await resolveSpec(
    session,
    { ...pinned, inputs: { ...spec.inputs, artifacts } },
    local,
    ripening,
    log,
    undefined,
    { versions: held.packages, upgraded },
  );
  const files = Object.entries(fresh.files).map(([source, digest]) => [source, ownValue(held.files, source) ?? digest] as const);
  return { resolution: { ...fresh, layoutVersion: held.layoutVersion, files: Object.fromEntries(files) }, archives };
}

/** The digest of the base that is old enough. */
export async function takeBase(session: Session, base: BaseSpec, ripening: Ripening): Promise<Digest> {
  const digest = await resolveBase(session, base);
  if (base.pinned !== undefined) return digest;
  const { repository, tag } = base;
  return blame({ origin: "base", property: "version" }, () => ripening.take(session, { what: "base", repository, tag, digest }));
}

/** The digest that the tag of a base means now. */
export async function resolveBase(session: Session, base: BaseSpec): Promise<Digest> {
  const { repository, tag, pinned } = base;
  return blame({ origin: "base", property: "version" }, async () => {
    try {
      return await resolveReference(session, { repository, tag, ...(pinned === undefined ? {} : { digest: pinned }) });
    } catch (thrown) {
      if (!(thrown instanceof DhiError) || thrown.code !== "not-found") throw thrown;
      throw new DhiError("not-found", `${formatRepository(repository)} has no tag ${tag}`, {
        hint: "Mirror it first, or use an existing tag",
        cause: thrown,
      });
    }
  });
}
