import type { Memo } from "../async/memo.js";
import type { Cache } from "../cache/cache.js";
import type { Digest } from "../image/digest.js";
import type { Families } from "../packages/families.js";
import type { Repositories } from "../registry/repository.js";
import type { Claims } from "./tags/claims.js";
import type { Composition } from "./compose/composition.js";
import type { ResolvedPackages } from "./resolve/resolved-packages.js";
import type { Resolution } from "./state/resolution.js";
import type { SourceTree } from "./sources/source-tree.js";
import type { WrittenLayer } from "../rootfs/layers/writer.js";

/** Stack config in the namespace `dhi`, as far as it steers the lifecycle. */
export interface Settings {
  /** A source that cannot be asked is an error even where nothing changed. */
  readonly requireFresh: boolean;
  /** A bad image fails alone, in create and update, instead of stopping the program in check. */
  readonly deferFailures: boolean;
  /** Segments compressed at a time; undefined: as many as the machine has cores. Never bears on bytes. */
  readonly jobs: number | undefined;
}

/** What one operation of the engine (one provider process) shares among its resources. */
export interface Session {
  readonly settings: Settings;
  readonly repositories: Repositories;
  readonly cache: Cache;
  readonly packages: Families;
  /** Paths of local sources and layouts are relative to it. */
  readonly projectDirectory: string;
  readonly signal: AbortSignal;
  readonly memory: Memory;
}

/** What an operation has found out or done so far, so that the same question gets the same answer. */
export interface Memory {
  readonly claims: Claims;
  /** Tag, by `tagKey`, to the digest that it had when it was first asked for, or that it was given since. */
  readonly tags: Memo<Digest>;
  /** All tags of a repository, by its key in `repositories`. */
  readonly tagLists: Memo<readonly string[]>;
  /** By `tagKey`: tags that a resource said it publishes. */
  readonly promised: Set<string>;
  /** By destination and index digest. */
  readonly compositions: Map<string, Composition>;
  /** By layer key: layers being written or found. */
  readonly layers: Memo<WrittenLayer>;
  /** Flattened roots, by what their manifests and configs say of their layers. */
  readonly trees: Memo<SourceTree>;
  /** By URN: a resolution handed over by `ignoreChanges`, for the second check of a replacement. */
  readonly held: Map<string, Resolution>;
  /** By what was asked for: packages that were resolved. */
  readonly packages: Memo<ResolvedPackages>;
}

/** The log of one resource, which the engine shows on its row. Text never holds a secret. */
export interface ResourceLog {
  /** A lasting line. "error" marks the row as failed. */
  line(severity: "info" | "warning" | "error", message: string): void;
  /** A line that the next one replaces. */
  progress(message: string): void;
}
