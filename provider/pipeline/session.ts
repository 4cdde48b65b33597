import type { Memo } from "../async/memo.js";
import type { Signers } from "../attestation/signing/signers.js";
import type { Cache } from "../cache/cache.js";
import type { Digest } from "../image/digest.js";
import type { Families } from "../packages/families.js";
import type { Repositories } from "../registry/repository.js";
import type { Claims } from "./tags/claims.js";
import type { Composition } from "./compose/composition.js";
import type { ResolvedPackages } from "./resolve/resolved-packages.js";
import type { RipeningState } from "./resolve/ripening-state.js";
import type { Resolution } from "./state/resolution.js";
import type { VerifySpec } from "./spec/verify.js";
import type { SignSpec } from "./spec/sign.js";
import type { VersionRange } from "./spec/version-range.js";
import type { SourceTree } from "./sources/source-tree.js";
import type { WrittenLayer } from "../rootfs/layers/writer.js";

/** The stack config of the namespace `dhi` that affects the lifecycle. */
export interface Settings {
  /** An unavailable source is an error even when nothing changed. */
  readonly requireFresh: boolean;
  /** An invalid image fails alone, in create and update, instead of stopping the program in check. */
  readonly deferFailures: boolean;
  /** Whose signature bases, artifacts and mirrored images must have that declare no policy of their own. */
  readonly verify?: VerifySpec | undefined;
  /** Segments compressed in parallel. Undefined: the number of cores. Does not affect the bytes. */
  readonly jobs: number | undefined;
  /** Who signs images that do not say it themselves. */
  readonly sign?: SignSpec | undefined;
}

/** State that the resources of one operation of the engine (one provider process) share. */
export interface Session {
  readonly settings: Settings;
  readonly repositories: Repositories;
  readonly cache: Cache;
  readonly packages: Families;
  readonly signers: Signers;
  /** Base of relative paths of local sources and layouts. */
  readonly projectDirectory: string;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970, by which `minimumAge` is judged. */
  readonly now: () => number;
  readonly memory: Memory;
}

/** A resolution that `ignoreChanges` holds. */
export interface HeldResolution {
  readonly resolution: Resolution;
  /** Whether it was made with `upgradeInstalled`: then it has the versions of the base's upgraded packages, and others stay. */
  readonly upgraded: boolean;
}

/** What a range of versions means in an operation. */
export interface RangeMatch {
  readonly range: VersionRange;
  /** The newest tag that was there, which need not be old enough. */
  readonly newest: string;
  /** The tag that is used. */
  readonly taken: Promise<string>;
}

/** What an operation has resolved or done so far, so that repeated lookups get the same result. */
export interface Memory {
  readonly claims: Claims;
  /** By `tagKey`: the digest that a tag had when it was first resolved, or that it has been promised or moved to since. */
  readonly tags: Memo<Digest>;
  /** All tags of a repository, by its key in `repositories`. */
  readonly tagLists: Memo<readonly string[]>;
  /** By the key of a repository in `repositories`: what ranges of versions have matched there. */
  readonly matched: Map<string, RangeMatch[]>;
  /** By `tagKey`: tags that a resource has promised to publish. */
  readonly promised: Set<string>;
  /** By `tagKey`: those of them whose image this operation composes, or keeps as an earlier one composed it, and its digest. */
  readonly composed: Set<string>;
  /** By destination and index digest. */
  readonly compositions: Map<string, Composition>;
  /** By layer key: layers being written or found. */
  readonly layers: Memo<WrittenLayer>;
  /** Flattened file trees, by the layers in their manifests and configs. */
  readonly trees: Memo<SourceTree>;
  /** By URN: a resolution that `ignoreChanges` holds, for the second check of a replacement. */
  readonly held: Map<string, HeldResolution>;
  /** By URN: what state says for `minimumAge`, for the second check of a replacement. */
  readonly ripening: Map<string, RipeningState>;
  /** Resolved packages, by the request. */
  readonly packages: Memo<ResolvedPackages>;
}

/** The log of one resource, which the engine shows on its row. Messages never contain a secret. */
export interface ResourceLog {
  /** A permanent line. "error" marks the row as failed. */
  line(severity: "info" | "warning" | "error", message: string): void;
  /** A line that the next one replaces. */
  progress(message: string): void;
}
