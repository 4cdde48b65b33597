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
  /** Exactly this version, from `name=version`; with `~` before it, from `name~version`, any version with this prefix (Alpine only). */
  readonly version?: string | undefined;
  /** From `name@tag`: repositories with this tag are used too, and preferred (Alpine only). */
  readonly tag?: string | undefined;
  /** `!name`: must not be installed. */
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
  /** If not empty, only these of `keys` count: 40 upper-case hexadecimal digits each (`Signed-By` of apt). */
  readonly fingerprints?: readonly string[] | undefined;
  /** Architectures that the source is for; undefined: all. */
  readonly architectures?: readonly string[] | undefined;
  readonly allowUnsigned: boolean;
  /** Release files past their `Valid-Until` are accepted (`Check-Valid-Until: no` of apt), each with a notice. */
  readonly allowExpired?: boolean | undefined;
  /** Where it was named: shown in preview. */
  readonly origin: SourceOrigin;
}

/** A package of an archive to be added to an image for one platform. */
export interface AddedPackage {
  readonly name: string;
  readonly version: string;
  /** In the family's terms: `amd64`, `all`, `x86_64`, `noarch`. */
  readonly architecture: string;
  /** The tag of the repository that it comes from, if it has one (Alpine). */
  readonly tag?: string | undefined;
  /** Requested by name; else a dependency. */
  readonly requested: boolean;
  /** Names from the requested package to this one, both included; of a long chain those at its ends (`MAX_CHAIN`). */
  readonly chain: readonly string[];
  readonly payload: {
    readonly url: string;
    /** What the package index states for the file: `sha256:…` (Debian), or `Q1…` of its control segment (Alpine, apk-index(5)). */
    readonly checksum: string;
    readonly size: number;
    readonly source: PackageSource;
  };
  /** The stanza of the package index, bytes as latin1; the input for the installed database. */
  readonly stanza: string;
}

/** The result of a resolver, with its notices. */
export interface PackageResolution {
  /** In the order in which they are unpacked: dependencies first; ties by name. */
  readonly added: readonly AddedPackage[];
  readonly notices: readonly PackageNotice[];
}

export interface PackageNotice {
  readonly kind: KnownNoticeKind;
  readonly message: string;
  readonly package?: string;
}

/**
 * A package's file, unpacked. Contents of entries point into a tar in the cache (`from: "layer"`, `blob` = `payload`); the few that installing reads are bytes (deb/install/read-kept.ts).
 */
export interface UnpackedPackage {
  readonly package: AddedPackage;
  /** The digest that identifies the payload's tar: of the package's file (Debian), or of its data segment (Alpine, `datahash`). */
  readonly payload: Digest;
  /** Control members (Debian: `control`, `postinst`, `md5sums`, `conffiles`, `triggers` …) or `.PKGINFO` and scripts (Alpine). */
  readonly control: ReadonlyMap<string, Buffer>;
  /** The entries of the payload's tar. */
  readonly entries: readonly LayerEntry[];
  /** Shared libraries among the entries, by path as in `entries`: the input for the dynamic loader's cache. */
  readonly libraries: ReadonlyMap<RawPath, ElfFacts>;
}

/** Ids of accounts that the user declares, which packages must not use. */
export interface ReservedIds {
  readonly uids: ReadonlySet<number>;
  readonly gids: ReadonlySet<number>;
}

/** Installs unpacked packages in a layer: files, database, and what maintainer scripts would have left behind. Pure. */
export type InstallPackages = (request: {
  /** The root beneath, which `draft` writes into. */
  readonly tree: FileTree;
  readonly draft: LayerDraft;
  readonly packages: readonly UnpackedPackage[];
  /** The requests as declared, from which apk's `world` is written. Default: those of `packages` that were requested. */
  readonly requests?: readonly PackageRequest[] | undefined;
  readonly reserved: ReservedIds;
  /** True for an image from scratch: includes what the distribution's bootstrap would leave. */
  readonly fromScratch: boolean;
  readonly distribution: Distribution;
}) => readonly PackageNotice[];
