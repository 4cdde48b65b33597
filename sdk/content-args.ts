import type { Input } from "@pulumi/pulumi";

/** A list whose every item may be an output. */
export type InputList<T> = Input<Input<T>[]>;

/** A map whose every value may be an output. */
export type InputDict<T> = Input<{ [key: string]: Input<T> }>;

/** `os/arch[/variant]` (OCI image spec, image-index.md). */
export type Platform = "linux/amd64" | "linux/arm64" | (string & {});

/** How the layers of a customization are compressed. */
export type Compression = "gzip" | "zstd";

/** How the base's entrypoint or command is changed. */
export interface CommandArgs {
  /** `append` and `prepend` put `args` after or before the base's, `replace` in place of it; `clear` leaves none. */
  mode: Input<"append" | "prepend" | "replace" | "clear">;
  /** Default none. */
  args?: InputList<string> | undefined;
}

/** An OCI image that files are taken from. Nothing is taken unless included. */
export interface ArtifactArgs {
  /** `registry/name:tag`, `oci:path:tag`, or either with `@sha256:…`. */
  image: Input<string>;
  /**
   * Paths, each with everything under it, or globs (`*`, `**`, `?`, `[a-z]`); a leading slash makes no difference. One that
   * matches nothing is an error. Account and package databases are taken only by an include that names them.
   */
  includes: InputList<string>;
  /** Apply after the includes. One that hides nothing is a notice. */
  excludes?: InputList<string> | undefined;
  /** Owner of everything that is taken; default: as in the artifact. */
  uid?: Input<number> | undefined;
  /** Group of everything that is taken; default: as in the artifact. */
  gid?: Input<number> | undefined;
}

/** A file placed, never run. */
export interface ScriptArgs {
  /** Absolute. */
  path: Input<string>;
  /** The text, stored as UTF-8. */
  content: Input<string>;
  /** Owner, 0 to 4294967294. */
  uid: Input<number>;
  /** Group, 0 to 4294967294. */
  gid: Input<number>;
  /** Octal, as a string: `"0755"`. */
  mode: Input<string>;
}

/** A file from the local disk. Only its content and executable bit count, so that every checkout gives the same digest. */
export interface FileArgs {
  /** Absolute, in the image. */
  path: Input<string>;
  /** Relative to the Pulumi project. */
  source: Input<string>;
  /** Default 0. */
  uid?: Input<number> | undefined;
  /** Default 0. */
  gid?: Input<number> | undefined;
  /** Octal, as a string; default `"0755"` for an executable file, else `"0644"`. */
  mode?: Input<string> | undefined;
}

/** An empty directory, or a local tree. */
export interface DirectoryArgs {
  /** Absolute, in the image. */
  path: Input<string>;
  /** A local directory whose content is placed under `path`, relative to the Pulumi project; default: an empty directory. */
  source?: Input<string> | undefined;
  /** What is taken of the source, as for an artifact; default all. */
  includes?: InputList<string> | undefined;
  /** What is left out of the source, as for an artifact. */
  excludes?: InputList<string> | undefined;
  /** Owner of the directory and all that is placed under it; default 0, or that of the existing directory. */
  uid?: Input<number> | undefined;
  /** Group of the directory and all that is placed under it; default 0, or that of the existing directory. */
  gid?: Input<number> | undefined;
  /** Of the directory itself, octal, as a string; default `"0755"`, or that of the existing directory. */
  mode?: Input<string> | undefined;
}

/** A user to add. If the base has the same user, it is accepted; if it has one that differs, it is an error. */
export interface UserArgs {
  /** Letters, digits, dots, dashes and underscores. */
  name: Input<string>;
  /** 0 to 4294967294. */
  uid: Input<number>;
  /** Primary group; default: the listed group of the user's name, else one whose gid is the uid. */
  gid?: Input<number> | undefined;
  /** Default `/home/<name>`. Created with mode 0755, owned by the user, unless it exists. */
  home?: Input<string> | undefined;
  /** Default the image's `nologin`. */
  shell?: Input<string> | undefined;
  /** Supplementary groups, declared or in the base. */
  groups?: InputList<string> | undefined;
}

/** A group to add. If the base has the same group, it is accepted; if it has one that differs, it is an error. */
export interface GroupArgs {
  /** Letters, digits, dots, dashes and underscores. */
  name: Input<string>;
  /** 0 to 4294967294. */
  gid: Input<number>;
  /** Users, declared or in the base. */
  members?: InputList<string> | undefined;
}

/** A package by the name that each family has for it. */
export interface FamilyPackageArgs {
  /** For a Debian base. */
  debian?: Input<string> | undefined;
  /** For an Alpine base. */
  alpine?: Input<string> | undefined;
}

/** An archive of packages. */
export interface PackageSourceArgs {
  /** An `http`, `https` or `file` URL, without credentials: these come from netrc, apt's `auth.conf.d` or `HTTP_AUTH`. */
  url: Input<string>;
  /** Default: the release of the base. */
  suites?: InputList<string> | undefined;
  /** Default `main`; none for Alpine, where `url` is the repository itself. */
  components?: InputList<string> | undefined;
  /** ASCII-armored text (Debian) or PEM (Alpine). Default: the keys of the distribution's own archive, which come with this package; the base's own for Alpine. */
  keys?: InputList<string> | undefined;
  /** Accept an archive that is not signed. Every use is a notice. Default false. */
  allowUnsigned?: Input<boolean> | undefined;
  /** Accept release files past their `Valid-Until`, such as those of a snapshot. Every use is a notice. Default false. */
  allowExpired?: Input<boolean> | undefined;
}

/** Everything that goes into an image. A baseline shared by many images has this type. */
export interface ContentArgs {
  /** OS packages with their dependencies: `name`, `name=version`, `!name` (must not come in), for Alpine also `name~version` and `name@tag`; or one per family. */
  packages?: InputList<string | FamilyPackageArgs> | undefined;
  /** Default: the stack config `dhi:packageSources`, the base's own sources, the distribution's archive. */
  packageSources?: InputList<PackageSourceArgs> | undefined;
  /** Names that count as installed when packages are resolved. */
  assumeInstalled?: InputList<string> | undefined;
  /** PEM certificates, merged into the bundle that the image carries and kept under `/usr/local/share/ca-certificates`. */
  caCertificates?: InputList<string> | undefined;
  /** Images that files are taken from; later ones overwrite earlier ones. */
  artifacts?: InputList<ArtifactArgs> | undefined;
  /** Files with their text. */
  scripts?: InputList<ScriptArgs> | undefined;
  /** Files from the local disk. */
  files?: InputList<FileArgs> | undefined;
  /** Empty directories and local trees. */
  directories?: InputList<DirectoryArgs> | undefined;
  /** Default: all of the base; of an image from scratch `linux/amd64` and `linux/arm64`. */
  platforms?: InputList<Platform> | undefined;
  /** A list is appended to the base's. */
  entrypoint?: InputList<string> | Input<CommandArgs> | undefined;
  /** A list is appended to the base's. */
  cmd?: InputList<string> | Input<CommandArgs> | undefined;
  /** Users to add. */
  users?: InputList<UserArgs> | undefined;
  /** Groups to add. */
  groups?: InputList<GroupArgs> | undefined;
  /** A name or uid of the result; written as its numeric uid. Default: the base's user. */
  runAs?: Input<string | number> | undefined;
  /** Absolute. Default: the base's. */
  workingDirectory?: Input<string> | undefined;
  /** Asks the container to stop: `SIGTERM`, `SIGRTMIN+3`, or a number from `"1"` to `"64"`. Default: the base's. */
  stopSignal?: Input<string> | undefined;
  /** `8080`, `8080/tcp`, `53/udp` or `9/sctp`, from 1 to 65535; without protocol `tcp`. Added to the base's. */
  exposedPorts?: InputList<string> | undefined;
  /** Absolute paths below the root. Added to the base's, of which none is removed. */
  volumes?: InputList<string> | undefined;
  /** Merged over the base's; null unsets. */
  environment?: InputDict<string | null> | undefined;
  /** On manifests and index. */
  annotations?: InputDict<string> | undefined;
  /** In the image config. */
  labels?: InputDict<string> | undefined;
  /** Of the added layers; default: as the base's last layer, from scratch `gzip`. */
  compression?: Input<Compression> | undefined;
  /** Take over an existing tag that is not ours. Default false. */
  overwrite?: Input<boolean> | undefined;
}
