import { createReadStream, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { digestOf } from "../../../provider/image/digest.js";
import { installApkPackages } from "../../../provider/packages/apk/install/install.js";
import { keepOfBase } from "../../../provider/packages/root/kept-files.js";
import type { PackageNotice } from "../../../provider/packages/packages.js";
import { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { flattenLayers } from "../tar/flatten.js";
import { LayerDraft } from "../../../provider/rootfs/layers/draft.js";
import { indexLayer } from "../../../provider/rootfs/layers/index-layer.js";
import { unpackOver, type Tars } from "../packages/debian-root.js";
import { run } from "../tar/tools.js";
import { unpackFrom, type ApkFolder } from "./repository.js";

/** Repositories by the names that they have in a root while something runs in it. */
export type Repositories = Readonly<Record<string, ApkFolder>>;

export const architecture = "x86_64";

/** The tree of a root that is a compressed tar, as the provider reads a base's layer. */
export function readBase(archive: string, folder: string, tars: Tars): Promise<FileTree> {
  const tar = join(folder, "base.tar");
  writeFileSync(tar, gunzipSync(readFileSync(archive)));
  return readTar(tar, tars);
}

/** The same of a root on disk. */
export function readRoot(root: string, folder: string, tars: Tars): Promise<FileTree> {
  const tar = join(folder, "root.tar");
  run("tar", ["-C", root, "-cf", tar, "--format=pax", "--xattrs", "--xattrs-include=*", "--numeric-owner", "."]);
  return readTar(tar, tars);
}

async function readTar(tar: string, tars: Tars): Promise<FileTree> {
  const digest = digestOf(readFileSync(tar));
  tars.set(digest, tar);
  const descriptor = { digest, size: statSync(tar).size };
  return flattenLayers([await indexLayer({ source: createReadStream(tar), compression: "none", descriptor, keep: keepOfBase })]);
}

/** Runs a shell command in a root, with `/dev/null`, and with the repositories at `/repo/<name>`. Throws with its messages. */
export function runInRoot(root: string, repositories: Repositories, command: string): string {
  const binds = Object.entries(repositories).map(([name, { folder }]) => {
    const place = `"$0/repo/${name}/${architecture}"`;
    return `mkdir -p ${place} && mount --bind '${folder}' ${place}`;
  });
  const devices = [
    'mkdir -p "$0/dev" "$0/repo"',
    'mount -t tmpfs -o mode=755 tmpfs "$0/dev"',
    ': > "$0/dev/null"',
    'mount --bind /dev/null "$0/dev/null"',
  ];
  const setup = [...devices, 'mount -t tmpfs tmpfs "$0/repo"', ...binds].join(" && ");
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
  try {
    return run("unshare", ["-m", "sh", "-c", `${setup} && exec chroot "$0" sh -c "$1"`, root, command], { env }).toString("latin1");
  } finally {
    rmdirSync(join(root, "repo"));
  }
}

/** Options with which apk sees these repositories and no others. */
export function apkOptions(repositories: Repositories): string {
  return `--no-network --repositories-file /dev/null ${Object.keys(repositories)
    .map((name) => `-X /repo/${name}`)
    .join(" ")}`;
}

/** What apk said that it installs or upgrades, in its order. */
export function stepsIn(output: string): readonly { readonly name: string; readonly version: string }[] {
  return [...output.matchAll(/^\(\d+\/\d+\) (?:Installing|Upgrading) (\S+) \((?:\S+ -> )?(\S+)\)/gm)].map(
    ([, name = "", version = ""]) => ({ name, version }),
  );
}

export interface Installation {
  readonly root: string;
  /** undefined: an image from nothing. */
  readonly base: FileTree | undefined;
  readonly repositories: Repositories;
  readonly requested: readonly string[];
  /** In apk's order. */
  readonly steps: readonly { readonly name: string; readonly version: string }[];
  /** Of this installation alone. */
  readonly folder: string;
  readonly tars: Tars;
}

/** Installs with the provider and unpacks the layer over the root. */
export async function installOurs(installation: Installation): Promise<readonly PackageNotice[]> {
  const { root, base = new FileTree(), repositories, requested, steps, folder, tars } = installation;
  const spool = join(folder, "spool");
  mkdirSync(spool, { recursive: true });
  const packages = [];
  for (const { name, version } of steps)
    packages.push(await unpackFrom(Object.values(repositories), name, version, requested, spool, tars));
  const tree = base.fork();
  const draft = new LayerDraft(tree, base);
  const notices = installApkPackages({
    tree,
    draft,
    packages,
    requests: requested.map((name) => ({ name, property: "packages[0]" })),
    reserved: { uids: new Set(), gids: new Set() },
    fromScratch: installation.base === undefined,
    distribution: { family: "alpine", release: "3.19" },
  });
  await unpackOver(root, draft.entries(), tars, join(folder, "layer.tar.gz"));
  return [...notices, ...draft.overwritten.map((path): PackageNotice => ({ kind: "overwritten", message: path }))];
}
