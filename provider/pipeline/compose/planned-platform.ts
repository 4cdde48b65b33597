import type { FileTree } from "../../rootfs/tree/file-tree.js";
import type { ImagePlan } from "../plan/plan.js";
import type { UnpackedPackages } from "../plan/unpacked-packages.js";

/** What an image will hold on one platform, for those who have to say so. */
export interface PlannedPlatform {
  /** `os/arch[/variant]` */
  readonly platform: string;
  /** The root of the base; empty for an image from scratch. */
  readonly base: FileTree;
  readonly packages: UnpackedPackages | undefined;
  readonly plan: ImagePlan;
}
