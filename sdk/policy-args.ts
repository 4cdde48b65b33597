import type { Input } from "@pulumi/pulumi";
import type { InputList } from "./input-types.js";
import type { NoticeKind } from "./outputs.js";

/**
 * What an image may not have. Violations are reported by preview, all at once, and stop the update. A rule that is absent or false is not judged;
 * nothing is judged of an image that is rolled back.
 */
export interface PolicyArgs {
  /** The image must run as another user than root: `runAs`, or the base's. Default false. */
  forbidRoot?: Input<boolean> | undefined;
  /** No shell, also of the base: by names of programs in folders of programs, and of packages. Default false. */
  forbidShell?: Input<boolean> | undefined;
  /** No package manager, of the distribution or of a language, also of the base. Default false. */
  forbidPackageManager?: Input<boolean> | undefined;
  /** No setuid, setgid or file capabilities on added files. Default false. */
  forbidSetuid?: Input<boolean> | undefined;
  /** No secret of a well-known form (private keys, tokens) in added files, in the config or in annotations. Default false. */
  forbidSecrets?: Input<boolean> | undefined;
  /** The base and every artifact have `verify`, or stack config has `dhi:verify`. Default false. */
  requireSignedInputs?: Input<boolean> | undefined;
  /** Names of packages that the image may not have, also from the base, or globs: `telnet*`. Default: none. */
  deniedPackages?: InputList<string> | undefined;
  /** SPDX licence identifiers that packages may not have, or globs: `AGPL-*`. Licences that are not known are a notice. Default: none. */
  deniedLicenses?: InputList<string> | undefined;
  /** The base's `com.docker.dhi.date.end-of-life` is not over; also judged of an unchanged image. Default false. */
  forbidEndOfLife?: Input<boolean> | undefined;
  /** Bytes that the added layers may have for each platform, compressed. Default: no limit. */
  maximumGrowthBytes?: Input<number> | undefined;
  /** Kinds of notices that are errors. Default: none. */
  noticesAsErrors?: InputList<NoticeKind> | undefined;
}
