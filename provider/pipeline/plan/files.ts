import { digestOf } from "../../image/digest.js";
import { blameSync } from "../../errors.js";
import { defaultDirectory } from "../../rootfs/tree/file-tree.js";
import type { LayerDraft } from "../../rootfs/layers/draft.js";
import type { FileNode, RawPath } from "../../rootfs/tree/node.js";
import { joinRaw } from "../../rootfs/tree/raw-path.js";
import type { ImageInputs, Directory } from "../spec/image-inputs.js";
import type { LocalSources, LocalTree } from "../sources/local-sources.js";
import type { Notice } from "../notice.js";
import { changeOwners, selectionNotices } from "./artifact.js";

/** Puts directories, files and scripts into the layer, in this order; later ones overwrite earlier ones. */
export function placeFiles(draft: LayerDraft, inputs: ImageInputs, local: LocalSources): readonly Notice[] {
  const notices: Notice[] = [];
  (inputs.directories ?? []).forEach((directory, at) => {
    const taken = local.directories[at];
    blameSync({ origin: "inputs", property: `directories[${String(at)}]` }, () => {
      placeDirectory(draft, directory, taken);
    });
    if (taken !== undefined) notices.push(...selectionNotices(taken.selection, directory.excludes ?? [], directory.source ?? ""));
  });
  (inputs.files ?? []).forEach(({ path, uid, gid, mode }, at) => {
    const node = local.files[at];
    if (node === undefined) return;
    blameSync({ origin: "inputs", property: `files[${String(at)}]` }, () => {
      draft.place({ path, node: { ...node, uid: uid ?? 0, gid: gid ?? 0, mode: mode ?? node.mode } });
    });
  });
  (inputs.scripts ?? []).forEach(({ path, content: text, uid, gid, mode }, at) => {
    blameSync({ origin: "inputs", property: `scripts[${String(at)}]` }, () => {
      draft.place({ path, node: textNode(Buffer.from(text), { mode, uid, gid }) });
    });
  });
  return notices;
}

/** A generated file, with mtime 0 for reproducible layers. */
export function textNode(bytes: Buffer, attributes: Pick<FileNode, "mode" | "uid" | "gid"> & { readonly pax?: FileNode["pax"] }): FileNode {
  const content = { from: "bytes", digest: digestOf(bytes), size: bytes.length, bytes } as const;
  return { type: "file", mtime: 0, nanoseconds: 0, pax: {}, ...attributes, content };
}

/** Declared attributes apply even when the directory already exists; otherwise it is left unchanged. */
function placeDirectory(draft: LayerDraft, { path, uid, gid, mode }: Directory, taken: LocalTree | undefined): void {
  const declared = uid !== undefined || gid !== undefined || mode !== undefined;
  const node = { ...defaultDirectory, uid: uid ?? 0, gid: gid ?? 0, mode: mode ?? defaultDirectory.mode };
  if (path !== "") draft.place({ path, node, force: declared });
  const owned = changeOwners(uid, gid);
  for (const [below, child] of taken?.selection.taken ?? []) draft.place({ path: under(path, below), node: owned(child) });
}

function under(path: RawPath, below: RawPath): RawPath {
  return path === "" ? below : joinRaw(path, below);
}
