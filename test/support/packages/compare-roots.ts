import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../tar/tools.js";

export interface RootDifference {
  readonly path: string;
  /** Type, mode, owner, content and capabilities; undefined where it is not there. */
  readonly theirs: string | undefined;
  readonly ours: string | undefined;
}

/**
 * Everything but times. What is mounted at run time is left out. `owners`: ids as they are, or the names that each root has for them,
 * for packages that are configured in another order.
 */
export function compareRoots(theirs: string, ours: string, owners: "ids" | "names" = "ids"): readonly RootDifference[] {
  const [left, right] = [describeRoot(theirs, owners), describeRoot(ours, owners)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort()
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => ({ path, theirs: left.get(path), ours: right.get(path) }));
}

function describeRoot(root: string, owners: "ids" | "names"): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const listed = run("find", [root, "-mindepth", "1", "-printf", "%P\\t%y %m\\t%U\\t%G\\t%l\\0"]).toString("latin1");
  const [users, groups] = [namesOf(root, "passwd"), namesOf(root, "group")];
  const capabilities = new Map(
    run("getcap", ["-r", root])
      .toString("latin1")
      .split("\n")
      .map((line) => [line.slice(root.length + 1, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" "))] as const),
  );
  for (const entry of listed.split("\0")) {
    const [path = "", attributes = "", uid = "", gid = "", target = ""] = entry.split("\t");
    if (path === "" || /^(?:dev|proc)\//.test(path)) continue;
    const owner = owners === "ids" ? `${uid}:${gid}` : `${users.get(uid) ?? uid}:${groups.get(gid) ?? gid}`;
    const content = attributes.startsWith("f ")
      ? createHash("sha256")
          .update(readFileSync(Buffer.from(join(root, path), "latin1")))
          .digest("hex")
      : target;
    found.set(path, `${attributes} ${owner} ${content}${capabilities.get(path) ?? ""}`);
  }
  return found;
}

function namesOf(root: string, file: "passwd" | "group"): ReadonlyMap<string, string> {
  const lines = readFileSync(join(root, "etc", file), "latin1").split("\n");
  return new Map(lines.map((line) => line.split(":")).map(([name = "", , id = ""]) => [id, name] as const));
}
