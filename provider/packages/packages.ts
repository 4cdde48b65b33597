import type { Digest } from "../image/digest.js";
import type { FileTree } from "../rootfs/tree/file-tree.js";
import type { KnownNoticeKind } from "../notice-kind.js";
import type { LayerDraft } from "../rootfs/layers/draft.js";
import type { LayerEntry, RawPath } from "../rootfs/tree/node.js";
import type { SourceOrigin } from "./used-archive.js";
import type { ElfFacts } from "./root/elf-facts.js";

/** `debian:bookworm`, `alpine:3.19`. */
export interface Distribution {
  readonly family: "debian" | "alpine";
  /** Codename (Debian) or branch (Alpine). */
  readonly release: string;
}

/** One item of `packages`, for one family. */
export interface PackageRequest {
  readonly name: string;
  /** Exactly this one, from `name=version`; with `~` before it, from `name~version`, any that begins like it (Alpine only). */
  readonly version?: string | undefined;
  /** From `name@tag`: repositories with this tag are taken too, and preferred (Alpine only). */
  readonly tag?: string | undefined;
  /** `!name`: must not come in. */
  readonly forbidden?: boolean | undefined;
  /** `packages[n]`, for errors. */
  readonly property: string;
}

/** Where packages come from, as declared or found. */
export interface PackageSource {
  /** `http`, `https` or `file`, without credentials. */
  readonly url: string;
  /** `bookworm`, `bookworm-updates`, `bookworm-security`; for Alpine the branch. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** PEM or ASCII-armored text, or the bytes of a keyring. */
  readonly keys: readonly (string | Buffer)[];
  /** When there are any, only these of `keys` count: 40 upper-case hexadecimal digits each (`Signed-By` of apt). */
  readonly fingerprints?: readonly string[] | undefined;
  /** Architectures that the source is for; undefined: all. */
  readonly architectures?: readonly string[] | undefined;
  readonly allowUnsigned: boolean;
  /** Release files past their `Valid-Until` are taken (`Check-Valid-Until: no` of apt), each with a notice. */
  readonly allowExpired?: boolean | undefined;
  /** Who named it: shown in preview. */
  readonly origin: SourceOrigin;
}

/** A package of an archive that is to be added to an image for one platform. */
export interface AddedPackage {
  readonly name: string;
  readonly version: string;
  /** As the family says it: `amd64`, `all`, `x86_64`, `noarch`. */
  readonly architecture: string;
  /** Of the repository that it comes from, where that has one (Alpine). */
  readonly tag?: string | undefined;
  /** Asked for by name; else a dependency. */
  readonly requested: boolean;
  /** Names from the one that was asked for to this one, both included; of a long one those at its ends (`MAX_CHAIN`). */
  readonly chain: readonly string[];
  readonly payload: {
    readonly url: string;
    /** What the package index states of the file: `sha256:…` (Debian), or `Q1…` of its control segment (Alpine, apk-index(5)). */
    readonly checksum: string;
    readonly size: number;
    readonly source: PackageSource;
  };
  /** The stanza of the package index, bytes as latin1; what the installed database is written from. */
  readonly stanza: string;
}

/** What a resolver found, and what the user should see. */
export interface PackageResolution {
  /** In the order in which they are to be unpacked: what others need first; ties by name. */
  readonly added: readonly AddedPackage[];
  readonly notices: readonly PackageNotice[];
}

export interface PackageNotice {
  readonly kind: KnownNoticeKind;
  readonly message: string;
  readonly package?: string;
}

/**
 * A package's file, unpacked. Contents of entries point into a tar in the cache (`from: "layer"`, `blob` = `payload`); the few that installing reads are bytes (deb/read-kept.ts).
 */
export interface UnpackedPackage {
  readonly package: AddedPackage;
  /** Names the tar of the payload: of the package's file (Debian), or of its data segment (Alpine, `datahash`). */
  readonly payload: Digest;
  /** Control members (Debian: `control`, `postinst`, `md5sums`, `conffiles`, `triggers` …) or `.PKGINFO` and scripts (Alpine). */
  readonly control: ReadonlyMap<string, Buffer>;
  /** The payload as its tar tells it. */
  readonly entries: readonly LayerEntry[];
  /** Shared libraries among the entries, by path as in `entries`: what the dynamic loader's cache is made from. */
  readonly libraries: ReadonlyMap<RawPath, ElfFacts>;
}

/** Accounts that the user declares: ids that packages must not take. */
export interface ReservedIds {
  readonly uids: ReadonlySet<number>;
  readonly gids: ReadonlySet<number>;
}

/** Puts unpacked packages into a layer: files, database, and what maintainer scripts would have left behind. Pure. */
export type InstallPackages = (request: {
  /** The root beneath, which `draft` writes into. */
  readonly tree: FileTree;
  readonly draft: LayerDraft;
  readonly packages: readonly UnpackedPackage[];
  /** What was asked for, as declared: what apk's `world` is written from. Default: those of `packages` that were asked for. */
  readonly requests?: readonly PackageRequest[] | undefined;
  readonly reserved: ReservedIds;
  /** True for an image from scratch: what the distribution's bootstrap would leave is made too. */
  readonly fromScratch: boolean;
  readonly distribution: Distribution;
}) => readonly PackageNotice[];
