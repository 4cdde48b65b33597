import { posix } from "node:path";
import { formatReference } from "../../image/reference.js";
import { labelsOf, withoutLabels, type ImageConfig } from "../../image/config.js";
import { editConfig } from "../../image/config-edits.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import { LayerDraft } from "../../rootfs/layers/draft.js";
import type { LayerEntry, RawPath } from "../../rootfs/tree/node.js";
import { displayPath, parentOf } from "../../rootfs/tree/raw-path.js";
import type { Steps } from "../../rootfs/steps.js";
import { mergeCaCertificates } from "../../packages/root/ca-certificates.js";
import type { ImageInputs } from "../spec/image-inputs.js";
import { usesPackages, type ImageSpec } from "../spec/image-spec.js";
import type { UnpackedPackages } from "./unpacked-packages.js";
import type { LocalSources } from "../sources/local-sources.js";
import type { Notice } from "../notice.js";
import { placeAccounts, resolveRunAs } from "./accounts.js";
import { placeArtifact, type ArtifactSource } from "./artifact.js";
import { brokenClaimNotice, findBrokenClaims, type BrokenClaims } from "./base-claims.js";
import { placeFiles } from "./files.js";

/** The sources of a plan for one platform. Planning does no I/O. */
export interface PlanSources {
  readonly inputs: ImageInputs;
  /** Of the base. */
  readonly config: ImageConfig;
  /** The names of the annotations of the base: of its manifest and index. */
  readonly annotations: readonly string[];
  /** The tree of the base; empty without a base, or when no layer is added to it. */
  readonly tree: FileTree;
  readonly packages: UnpackedPackages | undefined;
  readonly fromScratch: boolean;
  readonly artifacts: readonly ArtifactSource[];
  readonly local: LocalSources;
}

/** A number: the artifact at this place in `artifacts`. */
export type LayerOrigin = "packages" | "files" | number;

export interface PlannedLayer {
  /** Describes the content; written into the image's history. */
  readonly title: string;
  readonly from: LayerOrigin;
  readonly entries: readonly LayerEntry[];
}

export interface ImagePlan {
  readonly layers: readonly PlannedLayer[];
  readonly dropped: BrokenClaims;
  /** The edits of the config, still without the new layers. */
  readonly config: ImageConfig;
  /** The finished root. */
  readonly tree: FileTree;
  readonly notices: readonly Notice[];
}

/** Whether an input depends on the files of the base. */
export function needsTree(spec: ImageSpec): boolean {
  return usesPackages(spec) || placesFiles(spec.inputs);
}

function placesFiles({
  caCertificates = [],
  artifacts = [],
  scripts = [],
  files = [],
  directories = [],
  users = [],
  groups = [],
  runAs,
}: ImageInputs): boolean {
  return [caCertificates, artifacts, scripts, files, directories, users, groups].some((list) => list.length > 0) || runAs !== undefined;
}

/** The layers on top of the base: one for packages, one for each artifact in declared order, and one for everything else. Later ones win. */
export function* planImage({
  inputs,
  config,
  annotations,
  tree: base,
  packages,
  fromScratch,
  artifacts,
  local,
}: PlanSources): Steps<ImagePlan> {
  const tree = base.fork();
  const notices: Notice[][] = [];
  const layers: PlannedLayer[] = [];
  const draftLayer = function* (title: string, from: LayerOrigin, fill: (draft: LayerDraft) => Steps<readonly Notice[]>): Steps<void> {
    const draft = new LayerDraft(tree, base);
    notices.push([...(yield* fill(draft)), ...draft.overwritten.map(overwrittenNotice)]);
    const entries = draft.entries();
    if (entries.length > 0) layers.push({ title, from, entries });
  };
  if (packages !== undefined) {
    notices.push([...packages.notices]);
    yield* draftLayer(titleOf(packages), "packages", (draft) => oneStep(() => installPackages(draft, tree, inputs, packages, fromScratch)));
  }
  for (const [at, artifact] of artifacts.entries()) {
    const { reference, text } = artifact.declared.image;
    const name = reference.digest === undefined ? text : formatReference({ repository: reference.repository });
    yield* draftLayer(`artifact ${name}`, at, (draft) => placeArtifact(draft, artifact, `artifacts[${String(at)}]`));
  }
  yield* draftLayer("files", "files", (draft) =>
    oneStep(() => [
      ...placeFiles(draft, inputs, local),
      ...mergeCaCertificates(tree, draft, inputs.caCertificates ?? [], "caCertificates"),
      ...placeAccounts(draft, tree, inputs),
    ]),
  );
  for (const { entries } of layers) notices.push(yield* danglingLinks(tree, entries));
  const isBroken = (names: readonly string[], declared: Readonly<Record<string, string>> = {}): ReadonlySet<string> =>
    findBrokenClaims(
      names.filter((name) => !Object.hasOwn(declared, name)),
      { base, tree, layers },
    );
  const dropped = {
    labels: isBroken(Object.keys(labelsOf(config)), inputs.labels),
    annotations: isBroken(annotations, inputs.annotations),
  };
  notices.push([...dropped.labels].map((name) => brokenClaimNotice("label", name)));
  notices.push([...dropped.annotations].map((name) => brokenClaimNotice("annotation", name)));
  const edited = editConfig(withoutLabels(config, dropped.labels), {
    ...inputs,
    runAs: inputs.runAs === undefined ? undefined : resolveRunAs(tree, inputs.runAs),
    environment: { declared: inputs.environment ?? {}, inherited: artifacts.map(({ environment }) => environment) },
  });
  return { layers, dropped, config: edited, tree, notices: notices.flat() };
}

function titleOf({ unpacked, upgrade }: UnpackedPackages): string {
  const names = unpacked.flatMap(({ package: { name, requested } }) => (requested ? [name] : []));
  return upgrade && names.length === 0 ? "upgraded packages" : `packages ${names.join(" ")}`;
}

/** Declared ids of users and groups are reserved, so that packages do not allocate them. */
function installPackages(
  draft: LayerDraft,
  tree: FileTree,
  inputs: ImageInputs,
  packages: UnpackedPackages,
  fromScratch: boolean,
): readonly Notice[] {
  const { users = [], groups = [] } = inputs;
  const reserved = {
    uids: new Set(users.map(({ uid }) => uid)),
    gids: new Set([...groups.map(({ gid }) => gid), ...users.map(({ uid, gid }) => gid ?? uid)]),
  };
  const { unpacked, requests, distribution, install } = packages;
  return install({ tree, draft, packages: unpacked, requests, reserved, fromScratch, distribution });
}

function overwrittenNotice(path: RawPath): Notice {
  return { kind: "overwritten", message: `${displayPath(path)} of the base is overwritten`, path: displayPath(path) };
}

function* oneStep<T>(work: () => T): Steps<T> {
  yield;
  return work();
}

/** Added links without a target in the finished image. Targets that exist only at run time (/proc, /run, /dev …) are not checked. */
function* danglingLinks(tree: FileTree, entries: readonly LayerEntry[]): Steps<Notice[]> {
  const notices: Notice[] = [];
  for (const entry of entries) {
    yield;
    const target = "node" in entry && entry.node.type === "symlink" ? (entry.node.target ?? "") : undefined;
    if (target === undefined || tree.get(entry.path)?.target !== target || tree.follow(entry.path) !== undefined) continue;
    const absolute = posix.normalize(target.startsWith("/") ? target : `/${parentOf(entry.path)}/${target}`);
    if (/^\/(?:proc|sys|dev|run|var\/run)(?:\/|$)/.test(absolute)) continue;
    const path = displayPath(entry.path);
    notices.push({ kind: "dangling-link", message: `${path} links to ${displayTarget(target)}, which is not in the image`, path });
  }
  return notices;
}

function displayTarget(target: string): string {
  const text = displayPath(target.replace(/^\/+/, ""));
  return target.startsWith("/") ? text : text.slice(1);
}
