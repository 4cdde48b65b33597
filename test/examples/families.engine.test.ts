import { it } from "mocha";
import { buildArchive } from "../support/archives/archive.js";
import { buildApkRepository, makeApkKey } from "../support/archives/apk.js";
import { makeKey } from "../support/archives/keys.js";
import { writeArchive } from "../support/archives/serve.js";
import { skipWithoutEngine } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { file, layerTar, type Item } from "../support/images/layer-tar.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";
import { openExample, openLayout, stackOutputs } from "./example.js";

const musl = `C:Q1${"A".repeat(27)}=\nP:musl\nV:1.2.4-r0\nA:x86_64\nS:1\nI:1\nT:libc\n\n`;
const base = "Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.4\nDescription: it\n";
const accounts = [file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"), file("etc/group", "root:x:0:\n")];
const images: Readonly<Record<string, readonly Item[]>> = {
  "dhi-app:12": [...accounts, file("etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n"), file("var/lib/dpkg/status", base)],
  "dhi-app:3.19": [
    ...accounts,
    file("etc/os-release", "ID=alpine\nVERSION_ID=3.19.4\n"),
    file("etc/apk/world", "musl\n"),
    file("lib/apk/db/installed", musl),
    file("lib/apk/db/triggers", ""),
    file("lib/apk/db/scripts.tar", Buffer.alloc(1024)),
  ],
};

it(
  "one list of packages works for images of Debian and of Alpine",
  testUnless(skipWithoutEngine, async () => {
    const project = await openExample("families");
    cleanup(() => project.remove());
    for (const [image, items] of Object.entries(images)) {
      const [name = "", tag = ""] = image.split(":");
      const platforms = [{ platform: "linux/amd64", layers: [{ tar: layerTar(items) }], config: { Cmd: ["/bin/sh"] } }];
      await putImage(openLayout(project, `oci:mirror/${name}`), makeImage({ platforms }), tag);
    }
    const [debianKey, alpineKey] = [await makeKey("debian"), makeApkKey()];
    const debs = ["git", "libssl-dev", "locales-all"].map((name) => ({ name, files: [{ name: `usr/bin/${name}`, data: name }] }));
    const debian = await buildArchive([{ suite: "bookworm", packages: { main: debs }, keys: [debianKey] }]);
    const alpine = buildApkRepository(
      [{ name: "git", fields: { D: "musl" }, files: [{ name: "usr/bin/git", data: "git" }] }, { name: "openssl-dev" }],
      { key: alpineKey },
    );
    await project.config({
      "dhi-example-families:registry": "oci:mirror",
      "dhi-example-families:images": Object.keys(images).map((image) => ({ name: "dhi-app", version: image.split(":")[1] })),
      "dhi:packageSources": {
        "debian:bookworm": [{ url: writeArchive(debian, `${project.folder}/debian`), keys: [debianKey.armored] }],
        "alpine:3.19": [{ url: writeArchive(alpine, `${project.folder}/alpine`), keys: [alpineKey.publicKey] }],
      },
    });

    const preview = await project.preview();
    expect(preview.code, preview.text).to.equal(0);
    const promised = Object.keys(images).map((image) => preview.step(image.replace(":", "-")).inputs["digest"]);
    const up = await project.up();
    expect(up.code, up.text).to.equal(0);
    const { refs, packages } = await stackOutputs(project);
    expect(Object.keys(images).map((image) => (refs as Record<string, string>)[image])).to.deep.equal(
      promised.map((digest) => `oci:mirror/dhi-app@${String(digest)}`),
    );
    expect(packages).to.deep.equal({
      "dhi-app:12": { "linux/amd64": { git: "1.0-1", "libssl-dev": "1.0-1", "locales-all": "1.0-1" } },
      "dhi-app:3.19": { "linux/amd64": { git: "1.0-r0", "openssl-dev": "1.0-r0" } },
    });

    project.emptyCache();
    const again = await project.up();
    expect(again.ops).to.deep.equal({ "dhi-app-12": "same", "dhi-app-3.19": "same" });
  }),
);
