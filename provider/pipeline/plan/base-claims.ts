import { isProgramPath, type ProgramKind } from "../../packages/root/programs.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { LayerEntry } from "../../rootfs/tree/node.js";
import { baseNameOf, joinRaw, parentOf } from "../../rootfs/tree/raw-path.js";
import type { Notice } from "../notice.js";

/** What the layers above a base do. */
export interface ContentChange {
  readonly base: FileTree;
  /** With the layers. */
  readonly tree: FileTree;
  readonly layers: readonly { readonly entries: readonly LayerEntry[] }[];
}

/** Labels and annotations of the base that the layers may make untrue, by name. */
export interface BrokenClaims {
  readonly labels: ReadonlySet<string>;
  readonly annotations: ReadonlySet<string>;
}

/** Labels and annotations of a base that say something about its content, and when that may no longer be true. */
interface Claim {
  readonly names: RegExp;
  readonly isBroken: (change: ContentChange) => boolean;
}

/**
 * docs/semantics.md, "Labels that claim something", lists them. All others describe the base (`com.docker.dhi.chain-id`, `.name`, `.version`) and
 * stay.
 */
const claims: readonly Claim[] = [
  {
    // Tests, scans and certifications were made of the base's own files.
    names:
      /^com\.docker\.dhi\.(?:cis|compliance|cve|fips|health|malware|nist|scan|secrets|slsa|stig|test|tests|virus|vsa|vulnerabilities)(?:[.-].*)?$/,
    isBroken: ({ layers }) => layers.length > 0,
  },
  { names: /^com\.docker\.dhi\.shell$/, isBroken: (change) => changesPrograms(change, "shell") },
  { names: /^com\.docker\.dhi\.package-manager$/, isBroken: (change) => changesPrograms(change, "package manager") },
];

/** Those of `names` that the layers may make untrue. */
export function findBrokenClaims(names: readonly string[], change: ContentChange): ReadonlySet<string> {
  return new Set(names.filter((name) => claims.some((claim) => claim.names.test(name) && claim.isBroken(change))));
}

export function brokenClaimNotice(what: "label" | "annotation", name: string): Notice {
  const instead = what === "label" ? "labels" : "annotations";
  const message = `the ${what} ${name} of the base is dropped, as it may not be true of the changed content. State it in ${instead} if it is`;
  return { kind: "label-dropped", message };
}

/** Whether a program of this kind is added to those of the base, or removed. */
function changesPrograms({ base, tree, layers }: ContentChange, kind: ProgramKind): boolean {
  return layers.some(({ entries }) =>
    entries.some(({ path: entry }) => {
      const path = joinRaw(parentOf(entry), baseNameOf(entry).replace(/^\.wh\./, ""));
      return isProgramPath(path, kind) && (base.get(path) === undefined) !== (tree.get(path) === undefined);
    }),
  );
}
