import type { ImageConfig } from "../../../provider/image/config.js";
import { judgePlatform, type Judgement } from "../../../provider/pipeline/policy/judge-platform.js";
import type { PlatformFacts } from "../../../provider/pipeline/policy/platform-facts.js";
import { policy } from "../../../provider/pipeline/spec/policy.js";
import { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";
import { treeOf } from "../plan/planning.js";

export const config = (execution: ImageConfig["execution"]): ImageConfig => ({
  platform: { os: "linux", architecture: "amd64" },
  diffIds: [],
  history: [],
  created: undefined,
  execution,
  rest: {},
});

type Nodes = Readonly<Record<string, FileNode>>;

/** The facts of an image that adds these files to those of its base. */
export function factsOf(
  base: Nodes,
  added: Nodes,
  more: Partial<PlatformFacts> & { readonly from?: "files" | "packages" } = {},
): PlatformFacts {
  const { from = "files", ...others } = more;
  return {
    before: undefined,
    after: config({}),
    annotations: {},
    ownAnnotations: {},
    base: Object.keys(base).length === 0 ? new FileTree() : treeOf(base),
    tree: treeOf({ ...base, ...added }),
    layers: [{ title: from, from, entries: Object.entries(added).map(([path, node]) => ({ path, node })) }],
    compressedBytes: 0,
    read: () => {
      throw new Error("nothing is read but what is kept");
    },
    ...others,
  };
}

export async function judge(declared: object, facts: PlatformFacts, now = "2026-06-01T00:00:00Z"): Promise<Judgement> {
  const session = { now: () => Date.parse(now), signal: new AbortController().signal };
  return judgePlatform(session, policy.parse(declared), facts);
}

/** `rule: message`. */
export async function violations(declared: object, facts: PlatformFacts, now?: string): Promise<readonly string[]> {
  return (await judge(declared, facts, now)).violations.map(({ rule, message }) => `${rule}: ${message}`);
}
