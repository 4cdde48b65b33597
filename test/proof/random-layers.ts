import fc from "fast-check";
import { directory, file, link, opaque, symlink, whiteout, type Item } from "../support/images/layer-tar.js";

const folder = fc.constantFrom("a", "b", "d d", "n".repeat(101));
const leaf = fc.constantFrom("lib", "f", "\xff\xfe");
const part = fc.oneof(folder, leaf);
const tidyPath = fc.tuple(fc.array(folder, { maxLength: 3 }), part).map(([folders, last]) => [...folders, last].join("/"));
const wildPath = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const anyPath = fc.oneof({ weight: 9, arbitrary: tidyPath }, { weight: 1, arbitrary: wildPath });
const fields = fc.record({
  mode: fc.constantFrom(0o644, 0o755, 0o600, 0o700, 0o4755, 0o2750, 0o1777),
  uid: fc.constantFrom(0, 1, 1000, 70_000),
  gid: fc.constantFrom(0, 5, 1000),
  mtime: fc.constantFrom<number | string>(0, 1_000_000_000, "1234567890.5", "1700000000.000000001"),
});
const xattrs = fc.constantFrom<Readonly<Record<string, string>>>({}, {}, { "user.a": "1" }, { "user.b": "\x00\xff", "user.c": "=" });
const target = fc.oneof(
  anyPath.map((path) => `/${path}`),
  anyPath,
  anyPath.map((path) => `../${path}`),
);

type Draft = readonly [
  path: string,
  kind: "file" | "directory" | "symlink" | "link" | "whiteout" | "opaque" | "wild",
  fields: object,
  xattrs: object,
  target: string,
];

const drafts = fc.array(
  fc.tuple(anyPath, fc.constantFrom("file", "file", "directory", "symlink", "link", "whiteout", "opaque", "wild"), fields, xattrs, target),
  { maxLength: 14 },
) as fc.Arbitrary<readonly Draft[]>;

/** A layer as careful builders write it: every parent has an entry, each path occurs once, nothing is below a file. */
const anyLayer: fc.Arbitrary<readonly Item[]> = fc.tuple(drafts, fields).map(([list, above]) => {
  const items = new Map<string, Item>();
  const hidden = new Set<string>();
  const isBelowHidden = (path: string): boolean => prefixes(path).some((prefix) => hidden.has(prefix));
  for (const [path, drawn, own, extended, to] of list) {
    const kind = kindOf(path, drawn);
    const parents = prefixes(path).slice(0, -1);
    const blocked = parents.some((parent) => items.has(parent) && items.get(parent)?.type !== "directory");
    const used = items.has(path) || [...items.keys()].some((other) => other.startsWith(`${path}/`));
    if (blocked || isBelowHidden(path) || (used && kind !== "directory") || items.has(path)) continue;
    for (const parent of parents) if (!items.has(parent)) items.set(parent, directory(parent, { ...above, mode: 0o755 }));
    if (kind === "whiteout") {
      hidden.add(path);
      items.set(`${path}\0`, whiteout(path));
    } else if (kind === "directory" || kind === "opaque") {
      items.set(path, directory(path, { ...own, xattrs: { ...extended } }));
      if (kind === "opaque") items.set(`${path}/\0`, opaque(path));
    } else if (kind === "symlink") items.set(path, symlink(path, to, { ...own, mode: 0o777 }));
    else items.set(path, linkOrFile(path, kind, items, own, { ...extended }));
  }
  return [...items.values()].sort(
    (a, b) => Number(isWhiteout(b)) - Number(isWhiteout(a)) || order(a) - order(b) || (a.path < b.path ? -1 : 1),
  );
});

/** The same names are mostly directories, so that layers overlap. */
function kindOf(path: string, drawn: Draft[1]): Draft[1] {
  if (drawn === "wild") return path.length % 2 === 0 ? "file" : "directory";
  const isLeaf = /(?:lib|f|\xff\xfe)$/.test(path);
  if (drawn === "whiteout") return drawn;
  if (isLeaf) return drawn === "directory" || drawn === "opaque" ? "symlink" : drawn;
  return drawn === "opaque" ? drawn : "directory";
}

function linkOrFile(path: string, kind: string, items: ReadonlyMap<string, Item>, own: object, extended: Record<string, string>): Item {
  const first = [...items.values()].find((item) => item.type === "file" && !isWhiteout(item));
  if (kind !== "link" || first === undefined) return file(path, `content of ${path}`, { ...own, xattrs: extended });
  const { path: to, type: _, content: __, ...same } = first;
  return link(path, to, same);
}

function isWhiteout({ path }: Item): boolean {
  return path.slice(path.lastIndexOf("/") + 1).startsWith(".wh.");
}

/** Directories first, so that parents come before their children; links after their targets. */
function order({ type }: Item): number {
  return type === "directory" ? 0 : type === "link" ? 2 : 1;
}

function prefixes(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

const scriptPath = fc.array(fc.constantFrom("a", "b", "lib", "new"), { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const anyScripts = fc.array(
  fc.record({
    path: scriptPath,
    content: fc.string({ maxLength: 5 }),
    uid: fc.nat(5),
    gid: fc.nat(5),
    mode: fc.constantFrom("0755", "4711"),
  }),
  { maxLength: 3 },
);

/** Overlay shows a whiteout of a missing file as a file (Linux, overlayfs.rst, "whiteouts"), so those are left out. */
function dropIdleWhiteouts(layers: readonly (readonly Item[])[]): readonly (readonly Item[])[] {
  const present = new Set<string>();
  const remove = (path: string, itself: boolean): void => {
    for (const other of present) if (other.startsWith(`${path}/`) || (itself && other === path)) present.delete(other);
  };
  return layers.map((layer) => {
    const opaques = layer.filter(({ path }) => path.endsWith("/.wh..wh..opq"));
    for (const { path } of opaques) remove(path.slice(0, path.lastIndexOf("/")), false);
    const kept = layer.filter((item) => !isWhiteout(item) || opaques.includes(item) || present.has(item.path.replace(".wh.", "")));
    for (const item of kept) if (isWhiteout(item) && !opaques.includes(item)) remove(item.path.replace(".wh.", ""), true);
    for (const item of kept.filter((each) => !isWhiteout(each))) {
      if (item.type !== "directory") remove(item.path, false);
      present.add(item.path);
    }
    return kept;
  });
}

/** A base, an artifact, and what is placed on the base. */
export const anyCase = fc.record({
  base: fc.array(anyLayer, { minLength: 1, maxLength: 3 }).map(dropIdleWhiteouts),
  artifact: fc.array(anyLayer, { minLength: 1, maxLength: 2 }).map(dropIdleWhiteouts),
  include: fc.constantFrom("/", "a", "*", "**/lib", "**/a"),
  scripts: anyScripts,
});
