/** Where an image of ours is not what apt leaves behind, and why. */
export interface Difference {
  /** Of the path, from the root without a leading slash. */
  readonly path: RegExp;
  readonly cause: string;
  readonly choice: string;
}

export const differences: readonly Difference[] = [
  {
    path: /^var\/log\//,
    cause: "apt and dpkg write what they did, and when",
    choice: "No logs: they would be different each time",
  },
  {
    path: /^var\/cache\/apt\/|^var\/lib\/apt\/lists\//,
    cause: "apt caches packages and indexes",
    choice: "No cache: it is of no use in an image",
  },
  {
    path: /^var\/cache\/ldconfig\/aux-cache$/,
    cause: "ldconfig remembers inodes and times",
    choice: "No such file: it holds for one disk only",
  },
  {
    path: /^var\/cache\/debconf\//,
    cause: "debconf remembers questions and answers",
    choice: "Nobody is asked, so there are none; dpkg-reconfigure loads them again",
  },
  {
    path: /^var\/lib\/dpkg\/status-old$/,
    cause: "dpkg keeps the status before its last step",
    choice: "The base's stays: there is one step",
  },
  { path: /^etc\/(?:group|gshadow|passwd|shadow)-$/, cause: "adduser keeps the files before its last step", choice: "The base's stay" },
  { path: /^run\/adduser$/, cause: "adduser locks the account files", choice: "No lock: /run is empty when a container starts" },
  {
    path: /(?:^|\/)__pycache__(?:\/|$)/,
    cause: "postinst of Python's packages compiles byte code",
    choice: "No byte code (a notice): Python compiles what it imports",
  },
];
