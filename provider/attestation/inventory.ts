import type { Digest } from "../image/digest.js";
import type { NamedImage } from "./named-image.js";
import type { PresentPackage } from "./present-package.js";

/** What an image holds, for one platform. Lists are sorted by what their items are named by. */
export interface Inventory {
  /** `os/arch[/variant]` */
  readonly platform: string;
  /** Undefined where the image has no os-release. */
  readonly system: OperatingSystem | undefined;
  readonly packages: readonly InventoryPackage[];
  /** In the order in which they are declared. */
  readonly artifacts: readonly TakenArtifact[];
  /** Files that are neither of the base nor of a package or an artifact: scripts, local files, and what is generated. */
  readonly files: readonly ListedFile[];
  /** How many more of these there are than are listed. */
  readonly unlisted: number;
  /** Secret inputs that place files, whose files are not listed: `scripts[0]`. */
  readonly leftOut: readonly string[];
}

/** What an image says of itself (os-release(5)). */
export interface OperatingSystem {
  /** `debian`, `alpine`, `dhi` */
  readonly id: string;
  /** As scanners have it: with Debian's point release, `12.15`. */
  readonly version: string;
}

export interface InventoryPackage extends PresentPackage {
  /** The qualifier of its purl, `debian-12.15` or `3.19.4`; of what it was made for, on a base that is made of another's packages. */
  readonly distro: string;
  /** Of an added or upgraded one: what was installed. */
  readonly download?: Download | undefined;
  /** The version in the base, of an upgraded one. */
  readonly replaces?: string | undefined;
}

/** A package as its archive offered it. */
export interface Download {
  /** Of the file; Alpine's archives do not state it. */
  readonly file?: Digest | undefined;
  /** Of the file's data segment, and what the archive states for its control segment (Alpine). */
  readonly segments?: { readonly data: Digest; readonly control: string } | undefined;
  /** Where it was read, if the program or stack configuration names the archive. */
  readonly url?: string | undefined;
}

/** An image that files were taken from. */
export interface TakenArtifact {
  /** As declared. */
  readonly reference: string;
  readonly image: NamedImage;
  /** Those that are in the finished image; undefined where the includes are secret. */
  readonly files: readonly ListedFile[] | undefined;
  /** How many more there are than are listed. */
  readonly unlisted: number;
}

export interface ListedFile {
  /** With its leading slash. */
  readonly path: string;
  /** Of its content. */
  readonly digest: Digest;
  readonly kind: "script" | "file" | "generated" | "artifact";
}
