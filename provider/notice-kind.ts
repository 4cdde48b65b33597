/** What a notice is about. */
export const noticeKinds = [
  "overwritten",
  "dangling-link",
  "duplicate-platform",
  "mislabelled-layer",
  "useless-exclude",
  "database-left-out",
  "home-exists",
  "essential-missing",
  "maintainer-script",
  "recommends",
  "shell-added",
  "upgraded",
  "not-hardened",
  "kept-back",
  "conffile-kept",
  "expired",
  "base-archive",
  "unsigned",
  "world",
  "architecture",
  "java-store",
  "ripening",
  "young",
  "license-unknown",
  "label-dropped",
  "secret-in-image",
  "vex-expired",
  "vex-unmatched",
] as const;

/** One of `noticeKinds`. */
export type KnownNoticeKind = (typeof noticeKinds)[number];
