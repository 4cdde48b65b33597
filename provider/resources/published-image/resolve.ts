import { blame, DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatReference, formatRepository, type Reference } from "../../image/reference.js";
import { LAYOUT_VERSION } from "../../rootfs/layer-key.js";
import type { Session } from "../session.js";
import { ownValue } from "../values.js";
import type { LocalSources } from "./local-sources.js";
import type { Resolution } from "./resolution.js";
import type { BaseSpec, ImageSpec } from "./spec.js";
import { tagKey } from "./tag-key.js";

/** Asks the registries what the tags point at; what is pinned is not asked for. */
export async function resolveSpec(session: Session, spec: ImageSpec, local: LocalSources): Promise<Resolution> {
  const artifacts = new Map<string, Digest>();
  for (const [at, { image }] of (spec.content.artifacts ?? []).entries()) {
    const property = `artifacts[${String(at)}].image`;
    artifacts.set(image.text, await blame({ origin: "artifact", property }, () => resolveReference(session, image.reference)));
  }
  const base = spec.base === undefined ? undefined : { tag: spec.base.tag, digest: await resolveBase(session, spec.base) };
  return {
    layoutVersion: LAYOUT_VERSION,
    ...(base === undefined ? {} : { base }),
    artifacts: Object.fromEntries([...artifacts].sort(([a], [b]) => (a < b ? -1 : 1))),
    files: local.digests,
    packages: {},
  };
}

/** What is held stays, as far as the inputs still ask for it; what they ask for beyond is resolved now. */
export async function holdResolution(session: Session, spec: ImageSpec, local: LocalSources, held: Resolution): Promise<Resolution> {
  const { base } = spec;
  const heldBase = base !== undefined && held.base?.tag === base.tag ? held.base.digest : undefined;
  const pinned = base === undefined ? spec : { ...spec, base: { ...base, pinned: base.pinned ?? heldBase } };
  const artifacts = spec.content.artifacts?.map((artifact) => {
    const digest = ownValue(held.artifacts, artifact.image.text);
    const { image } = artifact;
    return digest === undefined ? artifact : { ...artifact, image: { ...image, reference: { ...image.reference, digest } } };
  });
  const fresh = await resolveSpec(session, { ...pinned, content: { ...spec.content, artifacts } }, local);
  const files = Object.entries(fresh.files).map(([source, digest]) => [source, ownValue(held.files, source) ?? digest] as const);
  return { ...fresh, layoutVersion: held.layoutVersion, files: Object.fromEntries(files) };
}

export async function resolveBase(session: Session, base: BaseSpec): Promise<Digest> {
  const { repository, tag, pinned } = base;
  return blame({ origin: "base", property: "version" }, async () => {
    try {
      return await resolveReference(session, { repository, tag, ...(pinned === undefined ? {} : { digest: pinned }) });
    } catch (thrown) {
      if (!(thrown instanceof DhiError) || thrown.code !== "not-found") throw thrown;
      throw new DhiError("not-found", `${formatRepository(repository)} has no tag ${tag}`, {
        hint: "Mirror it first, or name a tag that is there",
        cause: thrown,
      });
    }
  });
}

/** The digest that a reference means in this operation: the same answer each time, unless we moved the tag ourselves. */
export function resolveReference(session: Session, reference: Reference): Promise<Digest> {
  if (reference.digest !== undefined) return Promise.resolve(reference.digest);
  const name = tagKey(session, reference.repository, reference.tag ?? "latest");
  const known = session.memory.tags.get(name);
  if (known !== undefined) return known;
  const asked = askRegistry(session, reference);
  session.memory.tags.set(name, asked);
  asked.catch(() => session.memory.tags.delete(name));
  return asked;
}

async function askRegistry(session: Session, reference: Reference): Promise<Digest> {
  const head = await session.repositories.open(reference.repository).headManifest(reference.tag ?? "latest");
  if (head === undefined) {
    throw new DhiError("not-found", `${formatReference(reference)} is not there`, { hint: "Push it first, or name one that is there" });
  }
  return head.digest;
}
