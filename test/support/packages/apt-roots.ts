import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { splitStatus } from "../../../provider/packages/deb/database.js";
import { installDebianPackages } from "../../../provider/packages/deb/install.js";
import type { PackageNotice } from "../../../provider/packages/packages.js";
import type { FileTree } from "../../../provider/rootfs/file-tree.js";
import { LayerDraft } from "../../../provider/rootfs/layer-draft.js";
import { run } from "../tar/tools.js";
import { compareRoots, type RootDifference } from "./compare-roots.js";
import { filesIn, readBaseTree, unpackFile, unpackOver, type Tars } from "./debian-root.js";
import { inRoot } from "./in-root.js";

const noReservations = { uids: new Set<number>(), gids: new Set<number>() };
const distribution = { family: "debian", release: "bookworm" } as const;
const archives = "var/cache/apt/archives";

/** The same packages in two copies of one base: by apt, and by us. */
export interface InstalledTwice {
  readonly theirs: string;
  readonly ours: string;
  readonly notices: readonly PackageNotice[];
  /** In apt's order. */
  readonly added: readonly string[];
}

/** Copies of a base that packages are installed into. What apt downloads is kept beside the base for the next run. */
export class AptRoots {
  readonly folder = mkdtempSync(join(tmpdir(), "dhi-install-"));
  readonly base = join(this.folder, "base");
  readonly #debs: string;
  readonly #tars: Tars = new Map();
  #tree: FileTree | undefined;

  private constructor(readonly tar: string) {
    this.#debs = join(dirname(tar), "debs");
  }

  static async open(tar: string): Promise<AptRoots> {
    const roots = new AptRoots(tar);
    for (const path of [roots.base, join(roots.folder, "spool")]) mkdirSync(path);
    mkdirSync(join(roots.#debs, "partial"), { recursive: true });
    run("tar", ["-C", roots.base, "-xpf", tar, "--xattrs", "--xattrs-include=*"]);
    inRoot(roots.base, "apt-get -o Acquire::Check-Valid-Until=false update");
    roots.#tree = await readBaseTree(tar, roots.#tars);
    return roots;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async install(names: readonly string[]): Promise<InstalledTwice> {
    const name = basename(names[0] ?? "");
    const [theirs, ours] = [join(this.folder, `apt-${name}`), join(this.folder, `ours-${name}`)];
    for (const copy of [theirs, ours]) run("cp", ["-a", this.base, copy]);
    const command = `install --no-install-recommends ${names.join(" ")}`;
    const simulated = inRoot(this.base, `apt-get -s ${command}`);
    const files = new Map(
      [...simulated.matchAll(/^Inst (\S+) \((\S+) .*\[(\S+)\]\)/gm)].map(([, added = "", version = "", architecture = ""]) => [
        added,
        `${added}_${version.replaceAll(":", "%3a")}_${architecture}.deb`,
      ]),
    );
    inRoot(theirs, `apt-get -y -o APT::Keep-Downloaded-Packages=true ${command}`, { [archives]: this.#debs });
    const added = [...simulated.matchAll(/^Conf (\S+)/gm)].map(([, one = ""]) => one);
    const packages = [];
    for (const one of added) packages.push(await unpackFile(join(this.#debs, files.get(one) ?? ""), join(this.folder, "spool"), names, this.#tars));
    const tree = this.#tree ?? (await readBaseTree(this.tar, this.#tars));
    const image = tree.fork();
    const draft = new LayerDraft(image, tree);
    const notices = installDebianPackages({ tree: image, draft, packages, reserved: noReservations, fromScratch: false, distribution });
    await unpackOver(ours, draft.entries(), this.#tars, join(this.folder, "layer.tar.gz"));
    return { theirs, ours, notices, added };
  }
}
