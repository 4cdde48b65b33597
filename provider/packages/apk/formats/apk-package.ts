import type { PackageSource } from "../../packages.js";

/** apk's operators (apk-world(5)): `~` is a fuzzy match (`=~` too), `><` a checksum. `any` is no version at all. */
export type ApkOperator = "any" | "=" | "<" | "<=" | ">" | ">=" | "~" | "<~" | ">~" | "><";

/** One dependency: `name`, `name>=1.2`, `!name`, `so:libc.musl-x86_64.so.1`, `name@tag`. */
export interface ApkDependency {
  readonly name: string;
  readonly operator: ApkOperator;
  /** Empty with `any`. */
  readonly version: string;
  /** `!name`: nothing that meets it may be installed. */
  readonly conflict: boolean;
  /** Only from repositories with this tag; in world only. */
  readonly tag: string | undefined;
}

/** A name that a package provides besides its own; without version it meets only dependencies without one. */
export interface ApkProvide {
  readonly name: string;
  readonly version: string | undefined;
}

/** Where a package index came from. */
export interface ApkRepository {
  /** The folder that holds the folders of architectures, without a trailing slash. */
  readonly url: string;
  /** `@tag` of apk's `repositories`. */
  readonly tag: string | undefined;
  readonly source: PackageSource;
}

/** A stanza of a package index or of the installed database (apk-index(5), apk-package(5)); with the field letters in the comments. */
export interface ApkPackage {
  /** P */
  readonly name: string;
  /** V */
  readonly version: string;
  /** A; `noarch` packages carry the architecture of their index */
  readonly architecture: string;
  /** C: `Q1` and base64 of the SHA-1 of the control segment as stored. */
  readonly checksum: string;
  /** S: bytes of the file. */
  readonly size: number;
  /** I: bytes when installed. */
  readonly installedSize: number;
  /** T */
  readonly description: string;
  /** o: the package that it was built from. */
  readonly origin: string | undefined;
  /** D, conflicts included */
  readonly depends: readonly ApkDependency[];
  /** p */
  readonly provides: readonly ApkProvide[];
  /** i: installed automatically when all of these are met. */
  readonly installIf: readonly ApkDependency[];
  /** k: among providers of a name without version, the highest. */
  readonly providerPriority: number;
  /** r: packages whose files it may overwrite; installed database only. */
  readonly replaces: readonly ApkDependency[];
  /** q */
  readonly replacesPriority: number;
  /** Every repository that has it, in the order of the sources; none for one of the base. */
  readonly repositories: readonly ApkRepository[];
  /** The unparsed stanza; bytes as latin1. */
  readonly stanza: string;
}
