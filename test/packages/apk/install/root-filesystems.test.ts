import { createReadStream, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { digestOf } from "../../../../provider/image/digest.js";
import { apkArchitecture } from "../../../../provider/packages/apk/architecture.js";
import { installedPackages, worldOf } from "../../../../provider/packages/apk/install/installed-packages.js";
import { openSignedIndex } from "../../../../provider/packages/apk/archive/signed-index.js";
import { findRepositories } from "../../../../provider/packages/apk/sources/sources.js";
import { detectDistribution } from "../../../../provider/packages/root/distribution.js";
import { keepOfBase } from "../../../../provider/packages/root/kept-files.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { suiteUnless } from "../../../support/skips.js";
import { flattenLayers } from "../../../support/tar/flatten.js";
import { indexLayer } from "../../../../provider/rootfs/layers/index-layer.js";
import { alpine, withoutAlpine } from "./alpine-root.js";

/** As a base is read: with the bytes of the files that packages are added by. */
async function rootOf(machine: string): Promise<FileTree> {
  const file = join(alpine ?? "", `alpine-minirootfs-3.19.4-${machine}.tar.gz`);
  const descriptor = { digest: digestOf(readFileSync(file)), size: statSync(file).size };
  const source = createReadStream(file) as AsyncIterable<Uint8Array>;
  return flattenLayers([await indexLayer({ source, compression: "gzip", descriptor, keep: keepOfBase })]);
}

const world = "alpine-baselayout\nalpine-keys\napk-tools\nbusybox\nlibc-utils\n";

describe(
  "Alpine's own root filesystems",
  suiteUnless(withoutAlpine, () => {
    for (const [machine, oci] of [
      ["x86_64", "amd64"],
      ["aarch64", "arm64"],
    ] as const)
      it(`${machine}: distribution, installed packages, repositories and keys are those of its own files`, async () => {
        const base = await rootOf(machine);
        const distribution = detectDistribution(base);
        expect(distribution).to.deep.equal({ family: "alpine", release: "3.19" });
        expect(apkArchitecture(oci, base)).to.equal(machine);
        const installed = installedPackages(base);
        expect(installed.length).to.equal(15);
        expect(installed.every(({ architecture }) => architecture === machine)).to.equal(true);
        expect(worldOf(base)).to.equal(world);
        const { repositories } = await findRepositories({ distribution, architecture: machine, base });
        expect(repositories.map(({ url, source }) => [url, source.origin, source.keys.length])).to.deep.equal(
          ["main", "community"].map((component) => [`https://dl-cdn.alpinelinux.org/alpine/v3.19/${component}`, "base", 5]),
        );
        const verify = (): unknown =>
          openSignedIndex(
            readFileSync(join(alpine ?? "", "main/x86_64/APKINDEX.tar.gz")),
            { keys: repositories[0]?.source.keys ?? [], allowUnsigned: false },
            "main",
          );
        if (machine === "x86_64") expectThat(verify());
        else expect(verify, "keys of another architecture sign nothing here").to.throwError({ code: "invalid" });
      });
  }),
);
