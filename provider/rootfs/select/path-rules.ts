import { DhiError } from "../../errors.js";
import type { FileTree } from "../tree/file-tree.js";
import type { RawPath } from "../tree/node.js";
import type { PathPattern } from "./path-pattern.js";

/** An include or exclude as it applies to one tree: the path that it resolves to, or a glob. */
export type PathRule = { readonly literal: RawPath } | ({ readonly literal: undefined } & Extract<PathPattern, { kind: "glob" }>);

/** `/lib/x` resolves to `/usr/lib/x` where `/lib` is a link. */
export function resolveRule(tree: FileTree, pattern: PathPattern): PathRule {
  if (pattern.kind === "glob") return { ...pattern, literal: undefined };
  return { literal: pattern.kind === "root" ? "" : resolveLiteral(tree, pattern.path) };
}

function resolveLiteral(tree: FileTree, path: RawPath): RawPath {
  if (tree.get(path) !== undefined) return path;
  try {
    return tree.resolve(path);
  } catch (thrown) {
    if (thrown instanceof DhiError) return path;
    throw thrown;
  }
}

const NONE: readonly number[] = [];

/** Matches the paths of a tree while it is walked. Each path costs only the globs that can match there, not all rules. */
export class PathRules {
  readonly #rules: readonly PathRule[];
  readonly #literals = new Map<RawPath, number[]>();
  readonly #globs = new Map<RawPath, number[]>();
  /** Indexes of rules that need not be tried again where another one has matched. */
  readonly used = new Set<number>();

  constructor(rules: readonly PathRule[]) {
    this.#rules = rules;
    rules.forEach((rule, at) => {
      const [map, key] = rule.literal === undefined ? [this.#globs, rule.below] : [this.#literals, rule.literal];
      const known = map.get(key);
      if (known === undefined) map.set(key, [at]);
      else known.push(at);
    });
  }

  /** Indexes of the rules that name exactly this path. */
  literals(path: RawPath): readonly number[] {
    return this.#literals.get(path) ?? NONE;
  }

  /** The globs to try in a directory: those of its parent, and those that begin here. */
  globsIn(directory: RawPath, above: readonly number[]): readonly number[] {
    const begun = this.#globs.get(directory);
    return begun === undefined ? above : [...above, ...begun];
  }

  /** Indexes of the globs that match; once something has matched, only rules that have not matched anything yet are tried. */
  matching(globs: readonly number[], text: string, matched: boolean): readonly number[] {
    const found: number[] = [];
    const depth = globs.length === 0 ? 0 : text.split("/").length;
    for (const at of globs) {
      if ((matched || found.length > 0) && this.used.has(at)) continue;
      const rule = this.#rules[at];
      if (rule === undefined || rule.literal !== undefined || (rule.depth ?? depth) !== depth) continue;
      if (rule.matches(text)) found.push(at);
    }
    return found;
  }
}
