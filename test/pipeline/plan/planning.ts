import { z } from "zod";
import type { ImageConfig } from "../../../provider/image/config.js";
import { imageInputs, type ImageInputs } from "../../../provider/pipeline/spec/image-inputs.js";
import type { LocalSources } from "../../../provider/pipeline/sources/local-sources.js";
import { planImage, type ImagePlan } from "../../../provider/pipeline/plan/plan.js";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";
import { parentOf } from "../../../provider/rootfs/tree/raw-path.js";
import { atOnce } from "../../../provider/rootfs/steps.js";
import { expectThat } from "../../support/expectations.js";
import { bytesContent, plain } from "../../support/tar/entries.js";

export const file = (text: string, more: Partial<FileNode> = {}): FileNode => ({
  ...plain,
  ...more,
  type: "file",
  content: bytesContent(text),
});
export const link = (target: string): FileNode => ({ ...plain, type: "symlink", mode: 0o777, target });
export const device: FileNode = { ...plain, type: "character", device: { major: 1, minor: 3 } };

export function treeOf(nodes: Readonly<Record<string, FileNode>>): FileTree {
  const tree = new FileTree();
  const make = (path: string): void => {
    if (path === "" || tree.get(path) !== undefined) return;
    make(parentOf(path));
    tree.set(path, defaultDirectory);
  };
  for (const [path, node] of Object.entries(nodes)) {
    make(parentOf(path));
    tree.set(path, node);
  }
  return tree;
}

export const debian = treeOf({
  "etc/passwd": file("root:x:0:0:root:/root:/bin/bash\n", { mode: 0o600, gid: 42, pax: { "SCHILY.xattr.user.x": "y" } }),
  "etc/group": file("root:x:0:\n"),
  "etc/shadow": file("root:*:1:0:99999:7:::\n", { mode: 0o640, gid: 42 }),
  "etc/conf": file("old"),
  "usr/sbin/nologin": file(""),
  "usr/lib": defaultDirectory,
  lib: link("usr/lib"),
  "srv/there": { ...defaultDirectory, uid: 5 },
  tmp: { ...defaultDirectory, mode: 0o1777 },
});
const config: ImageConfig = {
  platform: { os: "linux", architecture: "amd64" },
  diffIds: [],
  history: [],
  created: undefined,
  execution: { Env: ["PATH=/bin"] },
  rest: {},
};
export const noLocal: LocalSources = { files: [], directories: [], digests: {} };

export const parseContent = (value: object): ImageInputs => z.strictObject(imageInputs).parse(value);

interface Planned extends ImagePlan {
  readonly tree: FileTree;
}

export function plan(
  content: object,
  artifacts: readonly { readonly tree: FileTree; readonly environment?: readonly string[] }[] = [],
  local = noLocal,
  tree = debian,
): Planned {
  const parsed = parseContent(content);
  const sources = artifacts.map((artifact, at) => {
    const declared = parsed.artifacts?.[at];
    expectThat(declared);
    return { declared, tree: artifact.tree, environment: artifact.environment ?? [] };
  });
  const given = { inputs: parsed, config, annotations: [], tree, packages: undefined, fromScratch: false, artifacts: sources, local };
  const made = atOnce(planImage(given));
  const result = tree.fork();
  for (const { entries } of made.layers) for (const entry of entries) if ("node" in entry) result.set(entry.path, entry.node);
  return { ...made, tree: result };
}

export const text = (tree: FileTree, path: string): string | undefined => {
  const content = tree.get(path)?.content;
  return content?.from === "bytes" ? content.bytes.toString("latin1") : undefined;
};
export const kinds = ({ notices }: ImagePlan): readonly string[] => notices.map(({ kind, path }) => `${kind} ${path ?? ""}`.trim());
export const artifact = (includes: readonly string[], more: object = {}) => ({ artifacts: [{ image: "ghcr.io/t:1", includes, ...more }] });
