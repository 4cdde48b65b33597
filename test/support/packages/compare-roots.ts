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

/** Everything but times. What is mounted at run time is left out. */
export function compareRoots(theirs: string, ours: string): readonly RootDifference[] {
  const [left, right] = [describeRoot(theirs), describeRoot(ours)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort()
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => ({ path, theirs: left.get(path), ours: right.get(path) }));
}

function describeRoot(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const listed = run("find", [root, "-mindepth", "1", "-printf", "%P\\t%y %m %U:%G\\t%l\\0"]).toString("latin1");
  const capabilities = new Map(
    run("getcap", ["-r", root])
      .toString("latin1")
      .split("\n")
      .map((line) => [line.slice(root.length + 1, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" "))] as const),
  );
  for (const entry of listed.split("\0")) {
    const [path = "", attributes = "", target = ""] = entry.split("\t");
    if (path === "" || /^(?:dev|proc)\//.test(path)) continue;
    const content = attributes.startsWith("f ")
      ? createHash("sha256")
          .update(readFileSync(Buffer.from(join(root, path), "latin1")))
          .digest("hex")
      : target;
    found.set(path, `${attributes} ${content}${capabilities.get(path) ?? ""}`);
  }
  return found;
}
