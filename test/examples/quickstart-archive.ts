import { buildArchive, type ArchiveFiles } from "../support/archives/archive.js";
import type { DebSpec } from "../support/archives/deb.js";
import type { ArchiveKey } from "../support/archives/keys.js";

const accounts: DebSpec = {
  name: "base-passwd",
  architecture: "all",
  files: [
    { name: "etc/passwd", data: "root:x:0:0:root:/root:/bin/sh\n" },
    { name: "etc/group", data: "root:x:0:\n" },
  ],
};
const release: DebSpec = {
  name: "base-files",
  version: "12.4",
  architecture: "all",
  files: [
    { name: "usr/lib/os-release", data: "ID=debian\nVERSION_CODENAME=bookworm\n" },
    { name: "etc/os-release", type: "2", link: "../usr/lib/os-release" },
  ],
};
const empty = ["bash", "coreutils", "dash", "libc-bin", "netbase", "tzdata", "wget"];

/** An archive with the packages of the quickstart, a file or two in each. `authority`: the PEM file of ca-certificates. */
export async function quickstartArchive(key: ArchiveKey, authority: string): Promise<ArchiveFiles> {
  const packages: readonly DebSpec[] = [
    release,
    accounts,
    ...empty.map((name): DebSpec => ({ name, architecture: "all", files: [{ name: `usr/bin/${name}`, mode: 0o755, data: name }] })),
    {
      name: "ca-certificates",
      architecture: "all",
      files: [{ name: "usr/share/ca-certificates/other/root.crt", data: authority }],
      members: { postinst: "#!/bin/sh\nupdate-ca-certificates\n" },
    },
    { name: "libcurl4", architecture: "all", files: [{ name: "usr/share/doc/libcurl4/copyright", data: "curl" }] },
    { name: "curl", architecture: "all", fields: { Depends: "libcurl4" }, files: [{ name: "usr/bin/curl", mode: 0o755, data: "curl" }] },
  ];
  return buildArchive([{ suite: "bookworm", packages: { main: packages }, keys: [key] }]);
}
