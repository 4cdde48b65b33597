/** Where an image made by pulumi-dhi differs from what apt leaves behind, and why: the table of docs/semantics.md. */
export interface Difference {
  /** From the root. `*`: any characters within a part, `**`: any parts; a slash at the end: the directory and all below it. */
  readonly paths: readonly string[];
  readonly cause: string;
  readonly choice: string;
  /** Absent: it may be missing in ours. `content`: also have other bytes; `any`: also another mode. A function: bytes must be the same after it. */
  readonly differs?: "content" | "any" | ((text: string) => string);
}

const sortLines = (text: string): string => text.split("\n").sort().join("\n");
const sortBlocks = (text: string): string => text.split(/\n\n+/).sort().join("\n\n");

export const differences: readonly Difference[] = [
  {
    paths: ["/var/log/**"],
    cause: "apt, dpkg and others write what they did, and when",
    choice: "No logs: they would be different each time",
  },
  {
    paths: ["/var/cache/apt/**", "/var/lib/apt/lists/**"],
    cause: "apt caches packages and indexes",
    choice: "No cache: it is of no use in an image",
    differs: "content",
  },
  {
    paths: ["/var/cache/ldconfig/aux-cache"],
    cause: "ldconfig remembers inodes and times",
    choice: "No such file: it holds for one disk only",
  },
  {
    paths: ["/var/cache/debconf/*"],
    cause: "debconf remembers questions and answers",
    choice: "No questions are asked, so there are no answers; dpkg-reconfigure loads the questions again",
    differs: "content",
  },
  {
    paths: [
      "/var/lib/dpkg/status-old",
      "/var/lib/dpkg/diversions-old",
      "/var/lib/dpkg/statoverride-old",
      "/etc/passwd-",
      "/etc/group-",
      "/etc/shadow-",
      "/etc/gshadow-",
      "/var/lib/ucf/hashfile.*",
      "/var/lib/ucf/registry.*",
    ],
    cause: "dpkg, adduser and ucf keep files as they were before the last step",
    choice: "The base's files stay, and no others are made: there is only one step",
    differs: "any",
  },
  {
    paths: ["/var/lib/apt/extended_states"],
    cause: "apt writes its marks in the order in which it came across them",
    choice: "The same marks, in order of their names",
    differs: sortBlocks,
  },
  {
    paths: ["/etc/shadow"],
    cause: "adduser and systemd-sysusers write the day on which an account was made",
    choice: "No day: it would be the day on which the image is made",
    differs: (text) => text.replace(/^([^:]+:!\*?:)[0-9]*:/gm, "$1:"),
  },
  {
    paths: ["/run/adduser"],
    cause: "adduser locks the account files",
    choice: "No lock: /run is empty when a container starts",
  },
  {
    paths: ["**/__pycache__/"],
    cause: "Python's packages compile byte code when they are configured",
    choice: "No byte code: Python compiles what it imports",
  },
  {
    paths: ["/etc/ssh/ssh_host_*"],
    cause: "openssh-server makes host keys",
    choice: "No keys (a notice): all containers of the image would share them",
  },
  {
    paths: ["/etc/ssl/certs/ssl-cert-snakeoil.pem", "/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/certs/????????.0"],
    cause: "ssl-cert makes a certificate of its own for the host's name",
    choice: "No certificate (a notice): all containers of the image would share its key",
  },
  {
    paths: ["/etc/postgresql/*/", "/var/lib/postgresql/*/", "/var/cache/postgresql/"],
    cause: "postgresql makes a database cluster, and looks for dictionaries",
    choice: "No cluster (a notice): a container makes it (pg_createcluster)",
  },
  {
    paths: ["/etc/apt/apt.conf.d/02autoremove-postgresql"],
    cause: "postgresql-common lists the clusters that are there",
    choice: "The same file without clusters",
    differs: "content",
  },
  {
    paths: ["/var/lib/mysql/**"],
    cause: "mariadb-server makes the database of its accounts",
    choice: "No database (a notice): a container makes it (mysql_install_db)",
  },
  {
    paths: ["/etc/ssl/certs/java/cacerts"],
    cause: "ca-certificates-java writes when each certificate was added",
    choice: "A key store of the same certificates, without times",
    differs: "content",
  },
  {
    paths: ["/tmp/hsperfdata_root/"],
    cause: "Java leaves a folder when it runs",
    choice: "No such folder: Java does not run",
  },
  {
    paths: ["/var/cache/fontconfig/*"],
    cause: "fontconfig caches fonts by the times of directories",
    choice: "No cache: programs find the fonts themselves",
  },
  {
    paths: ["/var/cache/man/**"],
    cause: "man-db indexes manual pages",
    choice: "No index: man works without it, apropos does not",
  },
  {
    paths: ["/var/lib/dbus/machine-id"],
    cause: "dbus makes an id for the machine",
    choice: "No id: all containers of the image would share it",
  },
];

/** Where several packages are configured in one run, whose order apt and we choose each: all else than order and ids must be the same. */
export const orderDifferences: readonly Difference[] = [
  {
    paths: ["/var/lib/dpkg/statoverride", "/var/lib/dpkg/triggers/File", "/var/lib/ucf/hashfile", "/var/lib/ucf/registry"],
    cause: "lines in the order in which packages were configured",
    choice: "The same lines",
    differs: sortLines,
  },
  {
    paths: ["/var/lib/dpkg/diversions"],
    cause: "diversions in the order in which packages were unpacked",
    choice: "The same diversions",
    differs: (text) => sortLines(text.replace(/(.*)\n(.*)\n(.*)\n/g, "$1 $2 $3\n")),
  },
  {
    paths: ["/etc/passwd", "/etc/group", "/etc/gshadow", "/etc/shadow"],
    cause: "accounts get the next free id in the order in which packages were configured",
    choice: "The same accounts, with the first free ids in our order; the same ones at each build",
    differs: (text) => sortLines(text.replace(/^([^:]+:[!x]:)(?:1[0-9][0-9]|20[0-9]{3})?(?::1[0-9][0-9](?=:))?/gm, "$1")),
  },
];

/** Whether a path is one of a row. `path`: without a leading slash. */
export function coversPath({ paths }: Difference, path: string): boolean {
  return paths.some((pattern) => {
    const source = pattern
      .replace(/^\//, "")
      .replace(/[.+^$(){}|[\]\\]/g, "\\$&")
      .replaceAll("?", "[^/]")
      .replace(/\/$/, "(?:/**)?")
      .replace(/\*\*\/?|\*/g, (stars) => (stars === "*" ? "[^/]*" : stars === "**/" ? "(?:.*/)?" : ".*"));
    return new RegExp(`^${source}$`).test(path);
  });
}

/** As the document has it. */
export function formatDifferences(rows: readonly Difference[]): string {
  const lines = rows.map(({ paths, cause, choice }) => `| ${paths.map((path) => `\`${path}\``).join(", ")} | ${cause} | ${choice} |\n`);
  return ["| path | apt | we |\n", "| --- | --- | --- |\n", ...lines].join("");
}
