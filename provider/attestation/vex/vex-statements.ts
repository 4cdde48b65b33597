import { digestOf, hexOf, type Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import { OPENVEX } from "../formats/predicate-types.js";
import { encodeStatement } from "../formats/statement.js";
import { mergeVex, type DeclaredVex } from "./declared.js";
import type { VexDocument } from "./document.js";
import { encodeVex, type EncodedStatement } from "./encode.js";
import type { VexPackage } from "./names-package.js";
import { reduceVex } from "./reduce.js";
import { newestTime } from "./time.js";
import { vexSubjects, type SettledPlatform } from "./subjects.js";

/** A finished image, and what is known of the vulnerabilities of its base. */
export interface VexImage {
  /** Where it is published. */
  readonly repository: Repository;
  readonly index: Digest;
  /** `created` of the config; the same for all platforms. */
  readonly created: string | undefined;
  readonly platforms: readonly VexPlatform[];
  /** Digests of the base: its index and its manifests; none for documents that are not attached to it. */
  readonly base: readonly Digest[];
  /** What the user states, without what has expired (`currentVex`). */
  readonly declared: readonly DeclaredVex[];
  /** Who merges it. Default: "pulumi-dhi". */
  readonly author?: string | undefined;
}

export interface VexPlatform {
  /** `os/arch[/variant]` */
  readonly platform: string;
  readonly manifest: Digest;
  readonly packages: readonly VexPackage[];
  /** What is stated of the base for this platform, by whoever is trusted for it: attached to its index or this manifest, or `vex.source`. */
  readonly documents: readonly VexDocument[];
}

/** A statement with the one document of a subject, ready to be signed. */
export interface VexAttestation {
  /** Undefined for the index. */
  readonly platform: string | undefined;
  readonly subject: Digest;
  readonly predicateType: string;
  /** Of `bytes`. */
  readonly digest: Digest;
  /** An in-toto statement v1. */
  readonly bytes: Buffer;
}

/** What the index says, to be compared with what it said before. */
export interface VexSummary {
  /** Statements of the base that still hold. */
  readonly base: VexPart;
  /** Statements of the user. */
  readonly own: VexPart;
}

export interface VexPart {
  readonly statements: number;
  readonly digest: Digest;
}

/**
 * One OpenVEX document for each manifest, and for the index, in this order; none for a subject of which nothing is stated. The same image gives the
 * same bytes. Throws `DhiError` "limit".
 */
export function vexStatements(image: VexImage): { readonly statements: readonly VexAttestation[]; readonly summary: VexSummary } {
  const { repository, created, declared, base, author = "pulumi-dhi" } = image;
  const platforms = image.platforms.map(({ platform, manifest, packages: shared, documents }): SettledPlatform => {
    // One package on two platforms is two, which may differ in what is claimed of them.
    const packages = shared.map((present) => ({ ...present }));
    const held = mergeVex(reduceVex(documents, packages, base), declared, packages);
    return { platform, manifest, packages, held };
  });
  const documents = image.platforms.flatMap((platform) => platform.documents);
  const times = platforms.flatMap(({ held }) => held.map(({ claim }) => claim.timestamp));
  // No statement of the base is newer than one of the user, which has no time of its own.
  const issued = newestTime([created, ...times]);
  const sources = documents.map(({ digest }) => digest);
  const subjects = vexSubjects({ repository, index: image.index, platforms, declared });
  const statements = subjects.flatMap(({ platform, subject, statements: own }) => {
    if (own.length === 0) return [];
    const bytes = encodeStatement({
      subjects: [{ name: formatRepository(repository), digest: { sha256: hexOf(subject) } }],
      predicateType: OPENVEX,
      predicate: encodeVex({ author, issued, sources, statements: own }),
    });
    return [{ platform, subject, predicateType: OPENVEX, digest: digestOf(bytes), bytes }];
  });
  const all = subjects.find(({ platform }) => platform === undefined)?.statements ?? [];
  const isOfBase = ({ claim }: EncodedStatement): boolean => claim.supplier !== undefined;
  return { statements, summary: { base: summarize(all.filter(isOfBase)), own: summarize(all.filter((item) => !isOfBase(item))) } };
}

function summarize(statements: readonly EncodedStatement[]): VexPart {
  return {
    statements: statements.length,
    digest: digestOf(
      statements
        .map((item) => JSON.stringify(item))
        .sort()
        .join("\n"),
    ),
  };
}
