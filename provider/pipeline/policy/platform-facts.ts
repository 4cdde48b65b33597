import type { ImageConfig } from "../../image/config.js";
import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { Content } from "../../rootfs/tree/node.js";
import type { PlannedLayer } from "../plan/plan.js";

/** What a policy judges, for one platform. */
export interface PlatformFacts {
  /** Of the base; undefined for an image from scratch. */
  readonly before: ImageConfig | undefined;
  readonly after: ImageConfig;
  /** Of the manifest and the index of the base. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Those that are declared, and those of pulumi-dhi. */
  readonly ownAnnotations: Readonly<Record<string, string>>;
  /** The root of the base; empty where no rule and no layer needs it. */
  readonly base: FileTree;
  /** The finished root. */
  readonly tree: FileTree;
  readonly layers: readonly PlannedLayer[];
  /** Of the added layers, as they are stored. */
  readonly compressedBytes: number;
  /** The bytes of a file that is added. Each chunk is valid until the next one. */
  readonly read: (content: Content) => AsyncIterable<Uint8Array>;
}
