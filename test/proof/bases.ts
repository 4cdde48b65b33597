import { directory, file, link, opaque, sparse, symlink, whiteout, layerTar, type Item } from "../support/images/layer-tar.js";

/** `vfs_cap_data` revision 2 (linux/capability.h) with bytes that are not UTF-8. */
export const capability = "\x01\x00\x00\x02\xff\xa0\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00";

const longPart = "long-".repeat(30);

const lower: readonly Item[] = [
  directory(".", { mode: 0o751, mtime: 1_500_000_000, xattrs: { "user.root": "r" } }),
  directory("usr"),
  directory("usr/bin"),
  directory("usr/lib", { mtime: "1500000001.123456789", xattrs: { "user.kept": "\x00\xff" } }),
  symlink("bin", "usr/bin"),
  symlink("lib", "usr/lib"),
  file("usr/bin/ping", "ping", { mode: 0o755, xattrs: { "security.capability": capability } }),
  file("usr/bin/su", "su", { mode: 0o4755, uid: 0, gid: 42 }),
  link("usr/bin/su-too", "usr/bin/su", { mode: 0o4755, gid: 42 }),
  file("usr/lib/libx.so.1.2", "library"),
  symlink("usr/lib/libx.so.1", "libx.so.1.2"),
  directory("tmp", { mode: 0o1777, mtime: 1_500_000_002 }),
  directory("root", { mode: 0o700, mtime: 1_500_000_003 }),
  directory("home"),
  directory("home/app", { mode: 0o700, uid: 1000, gid: 1000, mtime: 1_500_000_004, xattrs: { "user.home": "yes" } }),
  file("home/app/.profile", "profile", { mode: 0o600, uid: 1000, gid: 1000 }),
  directory("etc"),
  file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/var/www:/usr/sbin/nologin\n"),
  file("etc/group", "root:x:0:\nwww:x:33:\n"),
  file("etc/shadow", "root:*:19000:0:99999:7:::\nwww:*:19000:0:99999:7:::\n", { mode: 0o640, gid: 42 }),
  directory("opt"),
  directory("opt/emptied"),
  file("opt/emptied/a", "a"),
  file("opt/emptied/b", "b"),
  directory("opt/gone"),
  file("opt/gone/deep", "deep"),
  file("opt/removed", "removed"),
  file("opt/becomes-directory", "file"),
  directory("opt/becomes-file"),
  file("opt/becomes-file/inside", "inside"),
  file("opt/linked", "linked", { mode: 0o640, uid: 7 }),
  directory(`opt/${longPart}`),
  file(`opt/${longPart}/${longPart}`, "long"),
  symlink("opt/long-link", `${longPart}/${longPart}`),
  file("opt/caf\xe9-\xff", "not UTF-8"),
  file("opt/caf\xc3\xa9", "UTF-8"),
  file("opt/empty", ""),
  file("opt/old", "before 1970", { mtime: "-100.5" }),
  sparse("opt/sparse", "after the hole"),
  { path: "opt/pipe", type: "fifo" },
];

const libraries: Item = directory("usr/lib", { mtime: "1500000001.123456789", xattrs: { "user.kept": "\x00\xff" } });

const upper: readonly Item[] = [
  directory("usr"),
  libraries,
  directory("opt", { mode: 0o755, mtime: 1_500_000_010 }),
  directory("opt/emptied", { mode: 0o711, mtime: 1_500_000_011 }),
  opaque("opt/emptied"),
  file("opt/emptied/c", "c"),
  whiteout("opt/gone"),
  whiteout("opt/removed"),
  whiteout("opt/becomes-directory"),
  directory("opt/becomes-directory"),
  file("opt/becomes-directory/now", "now"),
  whiteout("opt/becomes-file"),
  file("opt/becomes-file", "now a file"),
  file("usr/lib/libx.so.1.3", "newer library"),
  symlink("usr/lib/libx.so.1", "libx.so.1.3"),
  file("opt/first", "two names", { mode: 0o600 }),
  link("opt/second", "opt/first", { mode: 0o600 }),
];

/** Two layers with features of bases that are hard to preserve: whiteouts, opaque directories, capabilities, odd modes, names and times. */
export const hardBase: readonly Buffer[] = [layerTar(lower), layerTar(upper)];

/** An artifact with its own accounts, parents that are links, and links that lead out of the included paths. */
export const hardArtifact: readonly Buffer[] = [
  layerTar([
    directory("usr"),
    directory("usr/lib"),
    symlink("lib", "usr/lib"),
    directory("usr/lib/tool", { mode: 0o2775, uid: 5, gid: 6, mtime: 1_400_000_000, xattrs: { "user.tool": "t" } }),
    file("usr/lib/tool/run", "run", { mode: 0o755, xattrs: { "security.capability": capability } }),
    link("usr/lib/tool/run-too", "usr/lib/tool/run", { mode: 0o755, xattrs: { "security.capability": capability } }),
    file("usr/lib/outside", "outside what is included", { mode: 0o600 }),
    link("usr/lib/tool/inside", "usr/lib/outside", { mode: 0o600 }),
    symlink("usr/lib/tool/leads-out", "../../share/elsewhere"),
    directory("etc"),
    file("etc/passwd", "root:x:0:0::/:/bin/false\nartifact:x:500:500::/:/bin/false\n"),
    file("etc/tool.conf", "conf", { mtime: "1400000001.5" }),
    directory("opt"),
    directory("opt/tool", { mode: 0o750, uid: 9 }),
    sparse("opt/tool/sparse", "after the hole"),
    file("opt/tool/a", "a"),
    file("opt/tool/later", "lower"),
  ]),
  layerTar([file("opt/tool/later", "upper"), link("opt/tool/across", "opt/tool/later"), whiteout("opt/tool/a")]),
];
