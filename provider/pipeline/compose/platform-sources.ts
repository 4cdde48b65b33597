import { mapParallel } from "../../async/parallel.js";
import { blame } from "../../errors.js";
import { variablesOf } from "../../image/config.js";
import type { Digest } from "../../image/digest.js";
import { FileTree } from "../../rootfs/tree/file-tree.js";
import type { Notice } from "../notice.js";
import type { ArtifactSource } from "../plan/artifact.js";
import { notHardened } from "../plan/not-hardened.js";
import { judgesTree } from "../policy/judges-tree.js";
import { needsTree } from "../plan/plan.js";
import { unpackPackages, type UnpackedPackages } from "../plan/unpacked-packages.js";
import type { SourceManifest } from "../sources/source-image.js";
import { readTree, spooledTar } from "../sources/source-layers.js";
import type { ComposeRequest, Composing } from "./composing.js";

/** Trees that are read at once. */
const ahead = 2;

/** The sources of the image for one platform, read and ready for planning. */
export interface PlatformSources {
  readonly base: SourceManifest | undefined;
  /** The tree of the base; empty without a base, or when no layer is added to it. */
  readonly tree: FileTree;
  readonly packages: UnpackedPackages | undefined;
  readonly artifacts: readonly ArtifactSource[];
  /** The origin of file content: the path of an uncompressed tar, by the digest of its layer or package. */
  readonly origins: ReadonlyMap<Digest, () => Promise<string>>;
  readonly notices: readonly Notice[];
}

export async function readPlatformSources(composing: Composing, platform: string): Promise<PlatformSources> {
  const { session, request, sources, log } = composing;
  const { base, ...read } = await readBase(composing, platform);
  const packages = await unpackPackages(session, request.spec, request.resolution, sources, platform, log);
  const notices = [...(base?.notices ?? []), ...read.notices, ...notHardened(read.tree, packages?.unpacked ?? [])];
  const artifacts: ArtifactSource[] = [];
  const origins = new Map<Digest, () => Promise<string>>(packages?.payloads);
  const addOrigins = (source: SourceManifest): void => {
    for (const descriptor of source.manifest.layers) origins.set(descriptor.digest, () => spooledTar(session, source, descriptor, log));
  };
  // A package's scripts may change the owner or mode of a file of the base, which is then copied into the new layer.
  if (base !== undefined && packages !== undefined) addOrigins(base);
  for (const [at, { declared, image }] of sources.artifacts.entries()) {
    await blame({ origin: "artifact", property: `artifacts[${String(at)}].image` }, async () => {
      const source = await image.platforms.get(platform)?.();
      if (source === undefined) return;
      addOrigins(source);
      const { tree, notices: found } = await readTree(session, source, true, log);
      notices.push(...source.notices, ...found);
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
    if (base === undefined || !readsBaseTree(request, base)) return { base, tree: new FileTree(), notices: [] };
    return { base, ...(await readTree(session, base, false, log)) };
  });
}

function readsBaseTree({ spec, observe }: ComposeRequest, base: SourceManifest): boolean {
  return needsTree(spec) || judgesTree(spec.inputs.policy, base.config) || observe !== undefined;
}

/**
 * Starts to read the file trees of the base and of the artifacts for all platforms, so that one is decompressed while another is hashed: planning
 * goes platform by platform. What fails is told when it is needed.
 */
export async function readAhead({ session, request, sources, log }: Composing): Promise<void> {
  const opens = sources.platforms.flatMap((platform) => [
    async () => {
      const base = await sources.base?.platforms.get(platform)?.();
      if (base !== undefined && readsBaseTree(request, base)) await readTree(session, base, false, log);
    },
    ...sources.artifacts.map(({ image }) => async () => {
      const source = await image.platforms.get(platform)?.();
      if (source !== undefined) await readTree(session, source, true, log);
    }),
  ]);
  await mapParallel(opens, ahead, (open) => open().catch(() => undefined));
}
