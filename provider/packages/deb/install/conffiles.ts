import { createHash } from "node:crypto";
import type { FileNode, RawPath } from "../../../rootfs/tree/node.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { Paragraph } from "../formats/control.js";
import type { StatusBlock } from "./database.js";

/**
 * What happens to a package's conffile, as dpkg decides it without prompting (`--force-confold`): `place` it, `keep` the present state (an
 * administrator's removal too), or keep the file and put the package's `beside` it.
 */
type ConffileFate = "place" | "keep" | "beside";

/** `md5`: of the package's file. `recorded`: of the version installed before, by dpkg's status; undefined without one. */
export function decideConffile(editor: RootEditor, path: RawPath, md5: string, recorded: string | undefined): ConffileFate {
  if (recorded === undefined) return "place";
  if (recorded === md5) return "keep";
  if (editor.node(path) === undefined) return "keep";
  const present = editor.read(path);
  const sum = present === undefined ? undefined : createHash("md5").update(present).digest("hex");
  if (sum === recorded || sum === md5) return "place";
  return "beside";
}

export function md5Of({ content }: FileNode): string | undefined {
  return content?.from === "bytes" ? createHash("md5").update(content.bytes).digest("hex") : undefined;
}

/** `Conffiles` of dpkg's status: paths without their leading slash, with the MD5 of the installed file. */
export function recordedConffiles(block: StatusBlock | Paragraph | undefined): ReadonlyMap<RawPath, string> {
  const text = block !== undefined && "text" in block ? block.text : "";
  const [, lines = ""] = /^Conffiles:[ \t]*\n((?:[ \t].*\n?)*)/im.exec(text) ?? [];
  return new Map([...lines.matchAll(/^[ \t]+\/(\S.*?) ([0-9a-f]{32})(?: .*)?$/gm)].map(([, path = "", sum = ""]) => [path, sum]));
}
