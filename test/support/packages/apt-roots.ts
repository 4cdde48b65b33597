import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { field, splitStatus } from "../../../provider/packages/deb/install/database.js";
import { installDebianPackages } from "../../../provider/packages/deb/install/install.js";
import type { PackageNotice } from "../../../provider/packages/packages.js";
import { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { LayerDraft } from "../../../provider/rootfs/layers/draft.js";
import { run } from "../tar/tools.js";
import { readBaseTree, unpackFile, unpackOver, type Tars } from "./debian-root.js";
import { inRoot } from "./in-root.js";

const noReservations = { uids: new Set<number>(), gids: new Set<number>() };
const distribution = { family: "debian", release: "bookworm" } as const;
const archives = "var/cache/apt/archives";
const lists = "var/lib/apt/lists";

/** The same packages in two copies of one base: by apt, and by us. */
export interface InstalledTwice {
  readonly theirs: string;
  readonly ours: string;
  readonly notices: readonly PackageNotice[];
  /** In apt's order. */
  readonly added: readonly string[];
}

/** Copies of a base that packages are installed into. What apt downloads, indexes and packages, is kept beside the base for the next run. */
export class AptRoots {
  readonly folder = mkdtempSync(join(tmpdir(), "dhi-install-"));
  readonly base = join(this.folder, "base");
  readonly #debs: string;
  readonly #lists: string;
  readonly #tars: Tars = new Map();
  #tree: FileTree | undefined;

  private constructor(readonly tar: string) {
    this.#debs = join(dirname(tar), "debs");
    this.#lists = join(dirname(tar), "lists");
  }

  static async open(tar: string): Promise<AptRoots> {
    const roots = new AptRoots(tar);
    for (const path of [roots.base, join(roots.folder, "spool")]) mkdirSync(path);
    for (const path of [roots.#debs, roots.#lists]) mkdirSync(join(path, "partial"), { recursive: true });
    run("tar", ["-C", roots.base, "-xpf", tar, "--xattrs", "--xattrs-include=*"]);
    roots.run(roots.base, "apt-get -o Acquire::Check-Valid-Until=false update");
    roots.#tree = await readBaseTree(tar, roots.#tars);
    return roots;
  }

  /** A shell command in a root, whose apt has what was downloaded before. */
  run(root: string, command: string): string {
    return inRoot(root, command, { [archives]: this.#debs, [lists]: this.#lists });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** By apt, and by us in the order in which apt configured. */
  async install(names: readonly string[]): Promise<InstalledTwice> {
    const name = names[0] ?? "";
    const [theirs, ours] = [join(this.folder, `apt-${name}`), join(this.folder, `ours-${name}`)];
    for (const copy of [theirs, ours]) run("cp", ["-a", this.base, copy]);
    // Nothing is to be started; it is gone before roots are compared.
    writeFileSync(join(theirs, "usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
    const options = "-y --no-install-recommends -o APT::Keep-Downloaded-Packages=true";
    this.run(theirs, `apt-get ${options} install ${names.join(" ")}`);
    rmSync(join(theirs, "usr/sbin/policy-rc.d"));
    const log = readFileSync(join(theirs, "var/log/dpkg.log"), "utf8");
    const configured = new Map(
      [...log.matchAll(/ configure ([^:\s]+):\S+ (\S+) /g)].map(([, one = "", version = ""]) => [one, version] as const),
    );
    const files = [...configured].map(([one, version]) => this.#find(one, version));
    const tree = this.#tree ?? (await readBaseTree(this.tar, this.#tars));
    const notices = await this.#put(tree, files, names, ours, false);
    return { theirs, ours, notices, added: [...configured.keys()] };
  }

  /** Packages of the base, by us, into nothing: where they are. */
  async installFromScratch(names: readonly string[]): Promise<string> {
    const options = "-y -o APT::Keep-Downloaded-Packages=true --reinstall --download-only";
    this.run(this.base, `apt-get ${options} install ${names.join(" ")}`);
    const status = splitStatus(readFileSync(join(this.base, "var/lib/dpkg/status"), "latin1"));
    const versions = new Map(status.map(({ name, text }) => [name, field(text, "Version")] as const));
    const first = ["base-passwd", "base-files", "libc6", "dpkg"];
    const rank = (name: string): number => first.indexOf(name) + 1 || first.length + 1;
    const sorted = [...names].sort((a, b) => rank(a) - rank(b));
    const ours = join(this.folder, "ours");
    mkdirSync(ours);
    await this.#put(
      new FileTree(),
      sorted.map((name) => this.#find(name, versions.get(name) ?? "")),
      names,
      ours,
      true,
    );
    return ours;
  }

  #find(name: string, version: string): string {
    const start = `${name}_${version.replaceAll(":", "%3a")}_`;
    const file = readdirSync(this.#debs).find((one) => one.startsWith(start));
    if (file === undefined) throw new Error(`apt did not keep ${start}`);
    return join(this.#debs, file);
  }

  async #put(
    base: FileTree,
    files: readonly string[],
    names: readonly string[],
    root: string,
    fromScratch: boolean,
  ): Promise<readonly PackageNotice[]> {
    const packages = [];
    for (const file of files) packages.push(await unpackFile(file, join(this.folder, "spool"), names, this.#tars));
    const image = base.fork();
    const draft = new LayerDraft(image, base);
    const notices = installDebianPackages({ tree: image, draft, packages, reserved: noReservations, fromScratch, distribution });
    await unpackOver(root, draft.entries(), this.#tars, join(this.folder, "layer.tar.gz"));
    return notices;
  }
}
