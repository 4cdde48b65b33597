import { blame } from "../../errors.js";
import { variablesOf } from "../../image/config.js";
import type { Digest } from "../../image/digest.js";
import { FileTree } from "../../rootfs/tree/file-tree.js";
import type { Notice } from "../notice.js";
import type { ArtifactSource } from "../plan/artifact.js";
import { needsTree } from "../plan/plan.js";
import { unpackPackages, type UnpackedPackages } from "../plan/unpacked-packages.js";
import type { SourceManifest } from "../sources/source-image.js";
import { readTree, spooledTar } from "../sources/source-layers.js";
import type { Composing } from "./composing.js";

/** What the image for one platform is made of, read and ready to be planned. */
export interface PlatformSources {
  readonly base: SourceManifest | undefined;
  /** Of the base; empty without one, or where nothing is laid over it. */
  readonly tree: FileTree;
  readonly packages: UnpackedPackages | undefined;
  readonly artifacts: readonly ArtifactSource[];
  /** Where the content of files lies: the path of an uncompressed tar, by the digest of its layer or package. */
  readonly origins: ReadonlyMap<Digest, () => Promise<string>>;
  readonly notices: readonly Notice[];
}

export async function readPlatformSources(composing: Composing, platform: string): Promise<PlatformSources> {
  const { session, request, sources, log } = composing;
  const { base, ...read } = await readBase(composing, platform);
  const packages = await unpackPackages(session, request.spec, request.resolution, sources, platform, log);
  const notices = [...(base?.notices ?? []), ...read.notices];
  const artifacts: ArtifactSource[] = [];
  const origins = new Map<Digest, () => Promise<string>>(packages?.payloads);
  const addOrigins = (source: SourceManifest): void => {
    for (const descriptor of source.manifest.layers) origins.set(descriptor.digest, () => spooledTar(session, source, descriptor, log));
  };
  // A package's scripts may change owner or mode of a file of the base, which is then written again.
  if (base !== undefined && packages !== undefined) addOrigins(base);
  for (const [at, { declared, image }] of sources.artifacts.entries()) {
    await blame({ origin: "artifact", property: `artifacts[${String(at)}].image` }, async () => {
      const source = await image.platforms.get(platform)?.();
      if (source === undefined) return;
      addOrigins(source);
      const { tree, notices: told } = await readTree(session, source, true, log);
      notices.push(...source.notices, ...told);
      artifacts.push({ declared, tree, environment: variablesOf(source.config) });
    });
  }
  return { base, tree: read.tree, packages, artifacts, origins, notices };
}

function readBase(
  { session, request, sources, log }: Composing,
  platform: string,
): Promise<Pick<PlatformSources, "base" | "tree" | "notices">> {
  return blame({ origin: "base", property: "version" }, async () => {
    const base = await sources.base?.platforms.get(platform)?.();
    if (base === undefined || !needsTree(request.spec.inputs)) return { base, tree: new FileTree(), notices: [] };
    return { base, ...(await readTree(session, base, false, log)) };
  });
}
