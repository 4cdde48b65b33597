import type { ValueMap } from "../../../provider/values.js";
import { buildArchive, type ArchiveFiles, type SuiteSpec } from "../../support/archives/archive.js";
import type { DebSpec } from "../../support/archives/deb.js";
import { makeKey, type ArchiveKey } from "../../support/archives/keys.js";
import { serveArchive, type ServedArchive } from "../../support/archives/serve.js";
import type { ImageParts } from "../../support/images/image.js";
import { file, layerTar, type Item } from "../../support/images/layer-tar.js";
import { checkWith, Workshop } from "../workshop.js";

/** A workshop with a package archive, which the tests fill. */
export class PackagesShop {
  private constructor(
    readonly shop: Workshop,
    readonly key: ArchiveKey,
    /** The files of the archive by path. Change them to damage it. */
    readonly files: ArchiveFiles,
    readonly archive: ServedArchive,
  ) {}

  static async open(): Promise<PackagesShop> {
    const [shop, key] = await Promise.all([Workshop.open(), makeKey("archive")]);
    const files: ArchiveFiles = new Map();
    return new PackagesShop(shop, key, files, await serveArchive(files));
  }

  async close(): Promise<void> {
    await this.archive.stop();
    await this.shop.remove();
  }

  /** Replaces the packages of the archive. */
  async stock(packages: readonly DebSpec[], more: Partial<SuiteSpec> = {}): Promise<void> {
    const built = await buildArchive([{ suite: "bookworm", packages: { main: packages }, keys: [this.key], ...more }]);
    this.files.clear();
    for (const [path, bytes] of built) this.files.set(path, bytes);
  }

  /** The archive as a package source. */
  source(more: ValueMap = {}): ValueMap {
    return { url: this.archive.url, keys: [this.key.armored], ...more };
  }

  /** The requests to the archive since the last call. */
  takeRequests(): readonly string[] {
    return this.archive.requests.splice(0).sort();
  }

  /** Failures of a check. */
  async refusals(inputs: ValueMap, olds: ValueMap = {}, session = this.shop.session()): Promise<readonly string[]> {
    const { failures } = await checkWith(session, "customization", { news: inputs, olds });
    return failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`));
  }
}

/** A package for each of the two architectures, with a file that says its version. */
export function forBoth(name: string, version = "1.0-1", more: Partial<DebSpec> = {}): readonly DebSpec[] {
  return ["amd64", "arm64"].map((architecture) => ({
    name,
    version,
    architecture,
    files: [{ name: `usr/share/${name}/version`, data: version }],
    packing: "",
    ...more,
  }));
}

export function installed(name: string, version = "1.0-1", fields = ""): string {
  return `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\nDescription: it\n${fields}`;
}

export const debianRelease = 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';

/** A small Debian base for two platforms. `status`: paragraphs of its package database, if it has one. */
export function debianBase(
  status: readonly string[] | "none" = [installed("base-files", "12.4")],
  more: readonly Item[] = [],
  release = debianRelease,
): ImageParts {
  const tar = layerTar([
    file("etc/os-release", release),
    file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
    file("etc/group", "root:x:0:\n"),
    ...(status === "none" ? [] : [file("var/lib/dpkg/status", status.map((paragraph) => `${paragraph}\n`).join(""))]),
    ...more,
  ]);
  return { platforms: ["linux/amd64", "linux/arm64"].map((platform) => ({ platform, layers: [{ tar }] })) };
}
