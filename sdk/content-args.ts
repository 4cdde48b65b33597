import type { Input } from "@pulumi/pulumi";
import type { InputDict, InputList } from "./input-types.js";
import type { PolicyArgs } from "./policy-args.js";
import type { SignArgs } from "./sign-args.js";
import type { VerifyArgs } from "./verify-args.js";
import type { VexArgs } from "./vex-args.js";

/** `os/arch[/variant]` (OCI image spec, image-index.md). */
export type Platform = "linux/amd64" | "linux/arm64" | (string & {});

/** How the layers of a customization are compressed. */
export type Compression = "gzip" | "zstd";

/** How to change the base's entrypoint or command. */
export interface CommandArgs {
  /** `append` and `prepend` put `args` after or before the base's, `replace` uses `args` instead of it; `clear` removes it. */
  mode: Input<"append" | "prepend" | "replace" | "clear">;
  /** Default: none. */
  args?: InputList<string> | undefined;
}

/** An OCI image to copy files from. Nothing is copied unless included. */
export interface ArtifactArgs {
  /** `registry/name:tag`, `oci:path:tag`, or either with `@sha256:…`. */
  image: Input<string>;
  /**
   * Paths, each with everything below it, or globs (`*`, `**`, `?`, `[a-z]`); a leading slash makes no difference. One that
   * matches nothing is an error. Account and package databases are copied only by an include that names them.
   */
  includes: InputList<string>;
  /** Paths or globs, applied after the includes. One that hides nothing is reported as a notice. */
  excludes?: InputList<string> | undefined;
  /** User id of everything that is copied, 0 to 4294967294. Default: as in the artifact. */
  uid?: Input<number> | undefined;
  /** Group id of everything that is copied, 0 to 4294967294. Default: as in the artifact. */
  gid?: Input<number> | undefined;
  /** Whose signature the image must have. Default: stack config `dhi:verify`. */
  verify?: Input<VerifyArgs> | undefined;
}

/** A script to place in the image. It is never run. */
export interface ScriptArgs {
  /** Absolute path in the image. */
  path: Input<string>;
  /** The text, stored as UTF-8. */
  content: Input<string>;
  /** User id of the owner, 0 to 4294967294. */
  uid: Input<number>;
  /** Group id of the owner, 0 to 4294967294. */
  gid: Input<number>;
  /** Mode as octal digits in a string, `"0755"`. */
  mode: Input<string>;
}

/** A file from the local disk. Only its content and executable bit are used, so that every checkout gives the same digest. */
export interface FileArgs {
  /** Absolute path in the image. */
  path: Input<string>;
  /** Path relative to the Pulumi project. */
  source: Input<string>;
  /** User id of the owner. Default 0. */
  uid?: Input<number> | undefined;
  /** Group id of the owner. Default 0. */
  gid?: Input<number> | undefined;
  /** Mode as octal digits in a string. Default `"0755"` for an executable file, else `"0644"`. */
  mode?: Input<string> | undefined;
}

/** An empty directory, or a copy of a local one. */
export interface DirectoryArgs {
  /** Absolute path in the image. */
  path: Input<string>;
  /** A local directory whose content is placed below `path`, relative to the Pulumi project. Default: none, for an empty directory. */
  source?: Input<string> | undefined;
  /** Paths or globs to copy from the source, as in an artifact. Default: everything. */
  includes?: InputList<string> | undefined;
  /** Paths or globs to leave out of the source, as in an artifact. */
  excludes?: InputList<string> | undefined;
  /** User id of the directory and everything that is placed below it. Default 0, or that of the existing directory. */
  uid?: Input<number> | undefined;
  /** Group id of the directory and everything that is placed below it. Default 0, or that of the existing directory. */
  gid?: Input<number> | undefined;
  /** Mode of the directory itself, as octal digits in a string. Default `"0755"`, or that of the existing directory. */
  mode?: Input<string> | undefined;
}

/** A user to add. An existing user with the same values is accepted; one that differs is an error. */
export interface UserArgs {
  /** Letters, digits, dots, dashes and underscores. */
  name: Input<string>;
  /** User id, 0 to 4294967294. */
  uid: Input<number>;
  /** Id of the primary group. Default: that of the group with the user's name, else of the group whose id is the user id. */
  gid?: Input<number> | undefined;
  /** Home directory. Default `/home/<name>`. Created with mode 0755, owned by the user, unless it exists. */
  home?: Input<string> | undefined;
  /** Login shell. Default: the image's `nologin`. */
  shell?: Input<string> | undefined;
  /** Names of supplementary groups, declared or in the base. */
  groups?: InputList<string> | undefined;
}

/** A group to add. An existing group with the same id is accepted; one that differs is an error. */
export interface GroupArgs {
  /** Letters, digits, dots, dashes and underscores. */
  name: Input<string>;
  /** Group id, 0 to 4294967294. */
  gid: Input<number>;
  /** Names of users, declared or in the base. */
  members?: InputList<string> | undefined;
}

/** A package by the name that it has in each family. */
export interface FamilyPackageArgs {
  /** Its name for a Debian base. */
  debian?: Input<string> | undefined;
  /** Its name for an Alpine base. */
  alpine?: Input<string> | undefined;
}

/** An archive of packages. */
export interface PackageSourceArgs {
  /** An `http`, `https` or `file` URL without credentials: they come from netrc, apt's `auth.conf.d` or `HTTP_AUTH`. */
  url: Input<string>;
  /** Suite of a Debian archive. Default: the release of the base. */
  suites?: InputList<string> | undefined;
  /** Default `["main"]`; not used for Alpine, where `url` is the repository itself. */
  components?: InputList<string> | undefined;
  /**
   * Public keys that may sign the archive: ASCII-armored text (Debian) or PEM (Alpine). Default: the keys of the distribution's own
   * archive, which come with this package; for Alpine those of the base.
   */
  keys?: InputList<string> | undefined;
  /** Accept an unsigned archive. Every use is reported as a notice. Default false. */
  allowUnsigned?: Input<boolean> | undefined;
  /** Accept release files past their `Valid-Until`, such as those of a snapshot. Every use is reported as a notice. Default false. */
  allowExpired?: Input<boolean> | undefined;
}

/**
 * How old something new must be before it is taken: a number with `s`, `m`, `h` or `d`, or several, such as `1d12h`; at most ten years. A plain
 * text is for images.
 */
export type MinimumAge = string | MinimumAgeArgs;

/** A minimum age for each kind. */
export interface MinimumAgeArgs {
  /**
   * Of bases and artifacts: since the later of when the image was made, by its config, and when this resource first saw it. Default: none.
   */
  images?: Input<string> | undefined;
  /** Of versions of added packages and their dependencies: since the date of the archive that first listed them. Default: none. */
  packages?: Input<string> | undefined;
  /** The same for versions in archives for security updates (`bookworm-security`), which `packages` does not apply to. Default: none. */
  security?: Input<string> | undefined;
}

/** Everything that goes into an image. Also the type for a baseline that many images share. */
export interface ContentArgs {
  /**
   * OS packages, with their dependencies: `name`, `name=version`, `!name` (must not be installed), for Alpine also `name~version` and
   * `name@tag`; or an object with a name per family.
   */
  packages?: InputList<string | FamilyPackageArgs> | undefined;
  /**
   * Archives to install packages from. Default: the stack config `dhi:packageSources`, else the base's own sources, else the distribution's
   * archive.
   */
  packageSources?: InputList<PackageSourceArgs> | undefined;
  /** Names of packages that count as installed when dependencies are resolved. */
  assumeInstalled?: InputList<string> | undefined;
  /** PEM certificates, added to the image's CA bundle and stored under `/usr/local/share/ca-certificates`. */
  caCertificates?: InputList<string> | undefined;
  /** Images to copy files from; later ones overwrite earlier ones. */
  artifacts?: InputList<ArtifactArgs> | undefined;
  /** Files given by their text. */
  scripts?: InputList<ScriptArgs> | undefined;
  /** Files from the local disk. */
  files?: InputList<FileArgs> | undefined;
  /** Empty directories and copies of local ones. */
  directories?: InputList<DirectoryArgs> | undefined;
  /** Default: all platforms of the base; for an image from scratch `linux/amd64` and `linux/arm64`. */
  platforms?: InputList<Platform> | undefined;
  /** A list is appended to the base's entrypoint. */
  entrypoint?: InputList<string> | Input<CommandArgs> | undefined;
  /** A list is appended to the base's command. */
  cmd?: InputList<string> | Input<CommandArgs> | undefined;
  /** Users to add. */
  users?: InputList<UserArgs> | undefined;
  /** Groups to add. */
  groups?: InputList<GroupArgs> | undefined;
  /** Name or id of a user in the resulting image; stored as its numeric id. Default: the base's user. */
  runAs?: Input<string | number> | undefined;
  /** Absolute path. Default: the base's. */
  workingDirectory?: Input<string> | undefined;
  /** Signal that asks the container to stop: `SIGTERM`, `SIGRTMIN+3`, or a number from `"1"` to `"64"`. Default: the base's. */
  stopSignal?: Input<string> | undefined;
  /** Ports such as `8080`, `8080/tcp`, `53/udp` or `9/sctp`, from 1 to 65535; the default protocol is `tcp`. Added to the base's. */
  exposedPorts?: InputList<string> | undefined;
  /** Absolute paths below the root. Added to the base's; none of those is removed. */
  volumes?: InputList<string> | undefined;
  /** Environment variables, merged into the base's; null removes one. */
  environment?: InputDict<string | null> | undefined;
  /** Annotations of the manifests and the index. */
  annotations?: InputDict<string> | undefined;
  /** Labels of the image config. */
  labels?: InputDict<string> | undefined;
  /** Compression of the added layers. Default: that of the base's last layer; `gzip` from scratch. */
  compression?: Input<Compression> | undefined;
  /**
   * How old a new digest of the base or of an artifact, or a newer base in a range, must be before it is taken: `72h`, `7d`; or an object,
   * also for packages. Until then the image stays as it is, with a notice. Default: it is taken at once.
   */
  minimumAge?: Input<MinimumAge> | undefined;
  /** Take over an existing tag that pulumi-dhi did not publish. Default false. */
  overwrite?: Input<boolean> | undefined;
  /** Statements about vulnerabilities, attached to the image. Its digest stays as it is. Default: none, unless the image is signed. */
  vex?: Input<VexArgs> | undefined;
  /** Sign the image, and attach SBOM and provenance. Default: as `dhi:sign` of the stack says; without it, nothing is signed. */
  sign?: Input<SignArgs> | undefined;
  /** What the image may not have; violations stop preview and update. Default: nothing is forbidden. */
  policy?: Input<PolicyArgs> | undefined;
}
