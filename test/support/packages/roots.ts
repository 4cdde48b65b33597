import { digestOf } from "../../../provider/image/digest.js";
import type { ElfFacts } from "../../../provider/packages/root/elf-facts.js";
import type { UnpackedPackage } from "../../../provider/packages/packages.js";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode, LayerEntry } from "../../../provider/rootfs/tree/node.js";
import { parentOf } from "../../../provider/rootfs/tree/raw-path.js";
import { fileEntry, plain } from "../tar/entries.js";

/** A root of text files; a value that starts with `-> ` is a link, `dir` an empty directory. Parents are made. */
export function treeOf(files: Readonly<Record<string, string>>): FileTree {
  const tree = new FileTree();
  for (const [path, text] of Object.entries(files)) {
    makeParents(tree, path);
    tree.set(path, nodeOf(path, text));
  }
  return tree;
}

function makeParents(tree: FileTree, path: string): void {
  const parent = parentOf(path);
  if (parent === "" || tree.get(parent) !== undefined) return;
  makeParents(tree, parent);
  tree.set(parent, defaultDirectory);
}

export function nodeOf(path: string, text: string): FileNode {
  if (text === "dir") return defaultDirectory;
  if (text.startsWith("-> ")) return { ...plain, type: "symlink", mode: 0o777, target: text.slice(3) };
  return fileEntry(path, text).node;
}

/** The text of a file, links followed. */
export function textOf(tree: FileTree, path: string): string | undefined {
  const real = tree.follow(path);
  const content = real === undefined ? undefined : tree.get(real)?.content;
  return content?.from === "bytes" ? content.bytes.toString("latin1") : undefined;
}

interface PackageDraft {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  /** Further lines of `control`. */
  readonly fields?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly control?: Readonly<Record<string, string>>;
  readonly libraries?: Readonly<Record<string, ElfFacts>>;
  readonly requested?: boolean;
}

/** A package as it comes from its file. */
export function packageOf({
  name,
  version = "1",
  architecture = "amd64",
  fields = "",
  files = {},
  control = {},
  libraries = {},
  requested = true,
}: PackageDraft): UnpackedPackage {
  const text = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nMaintainer: M <m@example.com>\n${fields}Description: d\n`;
  const source = { url: "file:///", suites: [], components: [], keys: [], allowUnsigned: false, origin: "machine" } as const;
  const entries: LayerEntry[] = Object.entries(files).map(([path, content]) => ({ path, node: nodeOf(path, content) }));
  const payload = digestOf(Buffer.from(name));
  return {
    payload,
    package: {
      name,
      version,
      architecture,
      requested,
      chain: [name],
      payload: { url: `file:///${name}.deb`, checksum: payload, size: 1, source },
      stanza: "",
    },
    control: new Map(Object.entries({ control: text, ...control }).map(([member, value]) => [member, Buffer.from(value, "latin1")])),
    entries,
    libraries: new Map(Object.entries(libraries)),
  };
}
