import type { Inventory, ListedFile } from "../../attestation/inventory.js";
import type { RawPath } from "../../rootfs/tree/node.js";
import type { ImagePlan } from "../plan/plan.js";
import type { ImageInputs } from "../spec/image-inputs.js";
import { filesOf, listFiles, type PlacedFile } from "./listed-files.js";
import { secretItems, touchesSecret, type InputPath } from "./secret-inputs.js";

/** Inputs from which files are generated: accounts and certificate bundles. */
const generating = ["users", "groups", "caCertificates"] as const;

/** The files of the image's own layer, without those of secret inputs. */
export function placedFiles(
  plan: ImagePlan,
  inputs: ImageInputs,
  secrets: readonly InputPath[],
): Pick<Inventory, "files" | "unlisted" | "leftOut"> {
  const { scripts = [], files = [], directories = [] } = inputs;
  const declared = new Map<RawPath, ListedFile["kind"]>();
  const folders: RawPath[] = [];
  const hidden = new Set<RawPath>();
  const hiddenFolders: RawPath[] = [];
  for (const [at, { path }] of directories.entries()) {
    const real = plan.tree.follow(path) ?? path;
    folders.push(real);
    if (touchesSecret(secrets, ["directories", at])) hiddenFolders.push(real);
  }
  for (const [name, kind, list] of [
    ["files", "file", files],
    ["scripts", "script", scripts],
  ] as const) {
    for (const [at, { path }] of list.entries()) {
      const real = plan.tree.resolve(path);
      declared.set(real, kind);
      if (touchesSecret(secrets, [name, at])) hidden.add(real);
      else hidden.delete(real);
    }
  }
  const secretSources = generating.filter((name) => (inputs[name] ?? []).length > 0 && touchesSecret(secrets, [name]));
  const kindOf = ({ raw }: PlacedFile): ListedFile["kind"] =>
    declared.get(raw) ?? (folders.some((folder) => isBelow(raw, folder)) ? "file" : "generated");
  const listed = filesOf(plan, "files").flatMap((file): readonly ListedFile[] => {
    const kind = kindOf(file);
    const isHidden = hidden.has(file.raw) || (!declared.has(file.raw) && hiddenFolders.some((folder) => isBelow(file.raw, folder)));
    if (isHidden || (kind === "generated" && secretSources.length > 0)) return [];
    return [{ path: file.path, digest: file.digest, kind }];
  });
  const lists = [
    ["directories", directories],
    ["files", files],
    ["scripts", scripts],
  ] as const;
  const leftOut = [...lists.flatMap(([name, list]) => secretItems(secrets, name, list.length)), ...secretSources];
  return { ...listFiles(listed), leftOut };
}

function isBelow(path: RawPath, folder: RawPath): boolean {
  return folder === "" || path.startsWith(`${folder}/`);
}
