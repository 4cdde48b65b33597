import type { FileTree } from "../../../rootfs/tree/file-tree.js";
import { readKept } from "../../root/distribution-files.js";
import { trimEndOf } from "../../../text/trim.js";

/** A line of apk's `repositories`. */
export interface RepositoryLine {
  readonly url: string;
  /** The `@tag` before it. */
  readonly tag: string | undefined;
}

/** apk-repositories(5): a URL a line, with an optional tag before it. Local paths are ignored. */
export function parseRepositories(text: string): readonly RepositoryLine[] {
  return text.split("\n").flatMap((line): readonly RepositoryLine[] => {
    const words = line.split(/\s+/).filter((word) => word !== "");
    const tag = words[0]?.startsWith("@") === true ? words.shift()?.slice(1) : undefined;
    const [text = "", ...more] = words;
    if (more.length > 0 || (tag !== undefined && !/^[A-Za-z0-9_.+-]+$/.test(tag)) || !/^https?:\/\/[^?#]+$/.test(text)) return [];
    const url = trimEndOf(text, "/");
    return URL.canParse(url) ? [{ url, tag }] : [];
  });
}

/** The repositories of the base's apk, http and https only. */
export function baseRepositories(tree: FileTree): readonly RepositoryLine[] {
  return parseRepositories(readKept(tree, "etc/apk/repositories")?.toString("latin1") ?? "");
}

/** The keys that apk in the base trusts; if there are none, those that it ships for the architecture. */
export function baseKeys(tree: FileTree, architecture: string): readonly Buffer[] {
  const [trusted, kept] = ["etc/apk/keys", `usr/share/apk/keys/${architecture}`].map((folder) => keysIn(tree, folder));
  return trusted !== undefined && trusted.length > 0 ? trusted : (kept ?? []);
}

function keysIn(tree: FileTree, folder: string): readonly Buffer[] {
  const end = tree.follow(folder);
  const files = end === undefined ? [] : tree.list(end).filter((name) => name.endsWith(".pub"));
  return files.flatMap((name) => readKept(tree, `${folder}/${name}`) ?? []);
}
