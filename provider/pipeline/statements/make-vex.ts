import { OPENVEX } from "../../attestation/formats/predicate-types.js";
import type { VerifiedStatement } from "../../attestation/verified-statement.js";
import { readVex, type VexDocument } from "../../attestation/vex/document.js";
import type { VexPackage } from "../../attestation/vex/names-package.js";
import { vexStatements, type VexAttestation, type VexSummary } from "../../attestation/vex/vex-statements.js";
import { blameSync } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Notice } from "../notice.js";
import type { Session } from "../session.js";
import { readVexSource } from "../sources/vex-source.js";
import type { VexInput } from "../spec/vex.js";
import { holdingVex } from "./holding-vex.js";

/** A composed image, and what is attached to its base. */
export interface VexRequest {
  /** The input `vex`; undefined for an image that is only signed. */
  readonly vex: VexInput | undefined;
  /** Where it is published. */
  readonly destination: Repository;
  readonly index: Digest;
  /** `created` of its config. */
  readonly created: string | undefined;
  readonly platforms: readonly {
    /** `os/arch[/variant]` */
    readonly platform: string;
    readonly manifest: Digest;
    readonly packages: readonly VexPackage[];
    /** Verified statements of any predicate type about the base's index, or its manifest for this platform. */
    readonly verified: readonly VerifiedStatement[];
  }[];
  /** Digests of the base: its index and its manifests. */
  readonly base: readonly Digest[];
}

export interface MadeVex {
  /** For each manifest, then for the index; none where nothing is stated. Their bytes are in the cache. */
  readonly statements: readonly VexAttestation[];
  readonly notices: readonly Notice[];
  readonly summary: VexSummary;
}

/**
 * What is known of the vulnerabilities of an image: of what is stated of its base what still holds, and what the user states. The same image and
 * documents give the same bytes. Throws `DhiError` with origin "base" for the base's documents, with the property for `vex.source`.
 */
export async function makeVex(session: Session, request: VexRequest): Promise<MadeVex> {
  const { vex, destination, index, created, base } = request;
  const { source, statements: declared = [] } = vex ?? {};
  const all = request.platforms.flatMap(({ packages }) => packages);
  const sourced = source === undefined ? [] : await readVexSource(session, source, all);
  const platforms = request.platforms.map(({ platform, manifest, packages, verified }) => ({
    platform,
    manifest,
    packages,
    documents: [...verified.flatMap(vexOf), ...sourced],
  }));
  const { holding, notices } = holdingVex(declared, all, session.now());
  const { statements, summary } = vexStatements({ repository: destination, index, created, platforms, base, declared: holding });
  for (const { bytes } of statements) await session.cache.writeBlob(bytes);
  return { statements, notices, summary };
}

function vexOf({ predicateType, predicate }: VerifiedStatement): readonly VexDocument[] {
  // Version 0.0.1 had no version in its type.
  if (predicateType !== OPENVEX && predicateType !== "https://openvex.dev/ns") return [];
  return [blameSync({ origin: "base" }, () => readVex(predicate, "the VEX of the base"))];
}
