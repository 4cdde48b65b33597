import { cp } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import { expect } from "../../support/expectations.js";
import { directory, file, type Item } from "../../support/images/layer-tar.js";
import { listDisk } from "../../support/images/disk-tree.js";
import { missingPrograms } from "../../support/images/programs.js";
import { openBuildah, stopAfter, unpackWithUmoci } from "../../support/images/unpackers.js";
import { makeWorkplace } from "../../support/session/session.js";
import { asBuildahHas, flattened } from "../../support/session/tree.js";
import { suiteUnless } from "../../support/skips.js";
import { debianBase, forBoth, installed, PackagesShop } from "./packages-shop.js";

const skip = missingPrograms(["skopeo", "umoci", "buildah", "getfattr"], true);

describe(
  "an image whose base had packages upgraded",
  suiteUnless(skip, () => {
    it("is the same for buildah's overlay driver and umoci, with hidden files and recreated directories", async () => {
      const stop = stopAfter();
      const packages = await PackagesShop.open();
      stop(() => packages.close());
      const place = await makeWorkplace();
      stop(place.remove);
      const buildah = openBuildah(place.folder);
      stop(buildah.stop);
      const old = ["old", "both", "gone/deep", "remade/old", "remade/below/old"].map((path) => `usr/lib/lib/${path}`);
      const more: readonly Item[] = [
        ...["etc", "usr/lib/lib/gone"].map((path) => directory(path)),
        ...old.map((path) => file(path, "1")),
        file("var/lib/dpkg/info/lib.list", `/usr/lib/lib/gone\n${old.map((path) => `/${path}\n`).join("")}`),
      ];
      await packages.shop.put("oci:base", "1", debianBase([installed("base-files", "12.4"), installed("lib")], more));
      const lib = {
        files: ["both", "new", "remade/new"].map((name) => ({ name: `usr/lib/lib/${name}`, data: "2" })),
        members: { preinst: "#!/bin/sh\nset -e\nrm -rf /usr/lib/lib/remade\nmkdir -m 700 /usr/lib/lib/remade\n" },
      };
      await packages.stock([...forBoth("tool", "1", { fields: { Depends: "lib (>= 2)" } }), ...forBoth("lib", "2", lib)]);
      const inputs = { repository: "oci:base", version: "1", suffix: "x", packages: ["tool"], packageSources: [packages.source()] };
      const { outputs } = await packages.shop.up("customization", inputs);

      const told = await flattened(packages.shop.session(), outputs["ref"] as string);
      const left = Object.keys(told).filter((path) => path.startsWith("usr/lib/lib/"));
      expect(left.sort()).to.deep.equal(["both", "new", "remade", "remade/new"].map((path) => `usr/lib/lib/${path}`));
      // buildah does not accept capitals in a path.
      const image = `oci:${place.folder}/base:1_x`;
      await cp(join(packages.shop.folder, "base"), join(place.folder, "base"), { recursive: true });
      expect(asBuildahHas(await listDisk(await buildah.mount(image)))).to.deep.equal(asBuildahHas(told));
      const { "": _, ...unpacked } = await listDisk(`${await unpackWithUmoci(place.folder, image, "x")}/rootfs`);
      const { "": __, ...tree } = told;
      expect(unpacked).to.deep.equal(tree);
    });
  }),
);
