import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Session } from "../../provider/pipeline/session.js";
import type { ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";
import { listDisk, type Listing } from "../support/images/disk-tree.js";
import { makeImage, putImage, type ImageParts, type LayerParts } from "../support/images/image.js";
import { directory, file, layerTar, symlink } from "../support/images/layer-tar.js";
import { missingPrograms } from "../support/images/programs.js";
import { openBuildah, unpackWithUmoci, type Buildah } from "../support/images/unpackers.js";
import { startDockerRegistry, type StartedRegistry } from "../support/registries/index.js";
import { publish } from "../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../support/session/session.js";
import { validate } from "../support/images/validate.js";
import { asBuildahHas, flattened } from "../support/session/tree.js";
import { suiteUnless } from "../support/skips.js";
import { capability, hardArtifact, hardBase } from "./bases.js";

const skip = missingPrograms(["docker-registry", "skopeo", "umoci", "buildah", "getfattr", "crane"], true);

type Compression = NonNullable<LayerParts["compression"]>;
const packed = (tars: readonly Buffer[], compression: Compression = "gzip"): readonly LayerParts[] =>
  tars.map((tar) => ({ tar, compression }));

/** The same base in the forms that occur in practice. */
const forms: Readonly<Record<string, Omit<ImageParts, "platforms"> & { readonly compression?: Compression }>> = {
  "OCI, gzip": {},
  "OCI, not compressed": { compression: "none" },
  "OCI, zstd": { compression: "zstd" },
  "OCI, zstd of many frames": { compression: "frames" },
  "a single manifest": { single: true },
  "Docker's types": { docker: true },
  "Docker's types, a single manifest": { docker: true, single: true },
  "with BuildKit's attestations": { attestations: true },
};

/** Every kind of file change of a customization. */
const everything: ValueMap = {
  scripts: [
    { path: "/tmp/in-tmp", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" },
    { path: "/home/app/.config/deep/script", content: "x", uid: 1000, gid: 1000, mode: "0700" },
    { path: "/root/.script", content: "é", uid: 1, gid: 2, mode: "4751" },
    { path: "/bin/through-a-link", content: "", uid: 0, gid: 0, mode: "0644" },
    { path: "/at-the-root", content: "root", uid: 0, gid: 0, mode: "0600" },
  ],
  directories: [{ path: "/var/lib/new", uid: 12, gid: 13, mode: "0770" }],
  users: [{ name: "svc", uid: 900, groups: ["www"] }],
  groups: [{ name: "team", gid: 901, members: ["svc", "www"] }],
};

/** Paths that the customization above writes. All others must be as in the base. */
const written = [
  ...["tmp/in-tmp", "home/app/.config", "home/app/.config/deep", "home/app/.config/deep/script", "root/.script", "usr/bin/through-a-link"],
  ...["at-the-root", "var", "var/lib", "var/lib/new", "home/svc", "etc/passwd", "etc/group", "etc/shadow"],
  ...["usr/lib/tool", "usr/lib/tool/inside", "usr/lib/tool/leads-out", "usr/lib/tool/run", "usr/lib/tool/run-too", "etc/tool.conf"],
  ...["opt/tool", "opt/tool/later", "opt/tool/across", "opt/tool/sparse", "usr/lib/legacy.so", "usr/lib/legacy"],
];

describe(
  "trees are as buildah's overlay driver and umoci unpack them, compared in full",
  suiteUnless(skip, () => {
    let registry: StartedRegistry;
    let place: Workplace;
    let session: Session;
    let buildah: Buildah;

    before(async () => {
      registry = await startDockerRegistry();
      place = await makeWorkplace();
      session = openSession(place);
      buildah = openBuildah(place.folder);
      const artifacts = session.repositories.open({ kind: "registry", host: registry.host, name: "artifact" });
      await putImage(artifacts, makeImage({ platforms: [{ layers: packed(hardArtifact) }] }), "1");
      const legacy = [directory("lib"), file("lib/legacy.so"), directory("lib/legacy"), symlink("lib/libx.so.1", "legacy.so")];
      await putImage(artifacts, makeImage({ platforms: [{ layers: packed([layerTar(legacy)], "frames") }], single: true }), "legacy");
    });
    after(async () => {
      await buildah.stop();
      await registry.stop();
      await place.remove();
    });

    const ours = (ref: string): Promise<Listing> => flattened(session, ref);
    const overlay = async (ref: string): Promise<Listing> => listDisk(await buildah.mount(`docker://${ref}`));
    const umoci = async (ref: string): Promise<Listing> =>
      listDisk(`${await unpackWithUmoci(place.folder, `docker://${ref}`, ref.slice(-12))}/rootfs`);

    const compare = async (ref: string): Promise<Listing> => {
      const listing = await ours(ref);
      expect(asBuildahHas(await overlay(ref))).to.deep.equal(asBuildahHas(listing));
      expect(await umoci(ref)).to.deep.equal(listing);
      return listing;
    };
    const customize = async (name: string, more: ValueMap, version = "1"): Promise<string> => {
      const repository = `${registry.host}/${name}`;
      const { ref } = await publish(session, "customization", { repository, version, suffix: "custom", ...more });
      await validate(session, ref, `${registry.host}/validated`);
      return ref;
    };
    const putBase = async (name: string, parts: ImageParts): Promise<string> => {
      const image = makeImage(parts);
      await putImage(session.repositories.open({ kind: "registry", host: registry.host, name }), image, "1");
      return `${registry.host}/${name}@${image.top.digest}`;
    };

    for (const [form, { compression, ...shape }] of Object.entries(forms)) {
      it(`for a base that is ${form}, before and after`, async () => {
        const name = form.toLowerCase().replace(/[^a-z0-9]+/g, "-");
        const base = await putBase(name, { platforms: [{ layers: packed(hardBase, compression) }], ...shape });
        const before = await compare(base);
        const artifacts = [
          { image: `${registry.host}/artifact:1`, includes: ["/usr/lib/tool", "/opt/tool", "etc/*.conf"] },
          { image: `${registry.host}/artifact:legacy`, includes: ["/lib"] },
        ];
        const custom = await compare(await customize(name, { ...everything, artifacts }));
        const untouched = Object.entries(before).filter(([path]) => !written.includes(path) && path !== "usr/lib/libx.so.1");
        expect(Object.fromEntries(untouched.map(([path]) => [path, custom[path]]))).to.deep.equal(Object.fromEntries(untouched));
        expect(Object.keys(custom).filter((path) => before[path] === undefined)).to.deep.equal(
          written.filter((path) => before[path] === undefined).sort(),
        );
        assertArtifact(custom);
      });
    }

    it("for our own gzip and zstd images, as base and as artifact", async () => {
      await putBase("own", { platforms: [{ layers: packed(hardBase) }] });
      const artifact = { image: `${registry.host}/artifact:1`, includes: ["/"], excludes: ["/etc/passwd"] };
      await compare(await customize("own", { ...everything, artifacts: [artifact] }));
      const zstd = await customize(
        "own",
        { compression: "zstd", scripts: [{ path: "/tmp/zstd", content: "z", uid: 0, gid: 0, mode: "0600" }] },
        "1_custom",
      );
      const second = await compare(zstd);
      const takes = { image: zstd, includes: ["/opt", "/usr/lib/tool", "/home", "/tmp"] };
      await putBase("own-target", { platforms: [{ layers: packed(hardBase, "zstd") }] });
      const third = await compare(await customize("own-target", { artifacts: [takes] }));
      for (const path of [
        "usr/lib/tool/run",
        "opt/tool/later",
        "opt/caf\xe9-\xff",
        "opt/second",
        "tmp/zstd",
        "home/app/.config/deep/script",
      ]) {
        expect(third[path], path).to.not.equal(undefined);
        expect(third[path]).to.equal(second[path]);
      }
      const scratch = await publish(session, "artifact", {
        repository: `${registry.host}/scratch`,
        tag: "1",
        compression: "zstd",
        platforms: ["linux/amd64"],
        artifacts: [{ image: zstd, includes: ["/usr/lib", "/home/app"] }],
      });
      const alone = await compare(scratch.ref);
      for (const path of ["home/app", "usr/lib", "usr/lib/tool", "usr/lib/tool/run"]) expect(alone[path], path).to.equal(second[path]);
    });

    it("for accounts: an artifact's are left out with a notice, unless an include names them; then edits start from them", async () => {
      await putBase("accounts", { platforms: [{ layers: packed(hardBase) }] });
      const users = [{ name: "svc", uid: 900 }];
      const take = async (includes: readonly string[], suffix: string) => {
        const artifacts = [{ image: `${registry.host}/artifact:1`, includes }];
        const { ref, outputs } = await publish(session, "customization", {
          repository: `${registry.host}/accounts`,
          version: "1",
          suffix,
          artifacts,
          users,
        });
        await compare(ref);
        const passwd = await readFile(join(place.folder, `bundle-${ref.slice(-12)}`, "rootfs/etc/passwd"), "utf8");
        return { passwd, notices: JSON.stringify(outputs["notices"]) };
      };
      const left = await take(["/"], "left");
      expect(left.passwd).to.match(/^root:x:0:0:root:\/root:\/bin\/sh\nwww:.*\nsvc:x:900:900::\/home\/svc:\/sbin\/nologin\n$/);
      expect(left.notices).to.match(/"kind":"database-left-out","message":"\/etc\/passwd of /);
      const taken = await take(["/etc/passwd"], "taken");
      expect(taken.passwd).to.equal("root:x:0:0::/:/bin/false\nartifact:x:500:500::/:/bin/false\nsvc:x:900:900::/home/svc:/sbin/nologin\n");
      expect(taken.notices).to.match(/"kind":"overwritten","message":"\/etc\/passwd of the base is overwritten"/);
    });

    it("for hard links from one layer to another, which only umoci can unpack", async () => {
      const lower = layerTar([directory("a"), file("a/one", "content", { mode: 0o640, uid: 3 })]);
      const upper = layerTar([directory("a"), { path: "a/two", type: "link", target: "a/one", mode: 0o640, uid: 3 }]);
      const base = await putBase("across", { platforms: [{ layers: packed([lower, upper]) }] });
      const before = await ours(base);
      const unpacked = await umoci(base);
      expect(unpacked).to.deep.equal({ ...before, "": unpacked[""] });
      await putBase("across-target", { platforms: [{ layers: packed(hardBase) }] });
      const taken = await compare(await customize("across-target", { artifacts: [{ image: base, includes: ["/a/two"] }] }));
      expect(taken["a/two"]).to.equal(before["a/two"]?.replace(/ = .*/, ""));
    });
  }),
);

function assertArtifact(custom: Listing): void {
  const hex = Buffer.from(capability, "latin1").toString("hex");
  expect(custom["usr/lib/tool/run"] ?? "").to.match(
    new RegExp(`^file 755 0:0 1600000000000000000 security.capability=${hex} [0-9a-f]{64} = usr/lib/tool/run$`),
  );
  expect(custom["usr/lib/tool/run-too"] ?? "").to.match(/ = usr\/lib\/tool\/run$/);
  expect(custom["usr/lib/tool"] ?? "").to.match(/^directory 2775 5:6 1400000000000000000 user.tool=74 $/);
  expect(custom["usr/lib/tool/inside"] ?? " = ").to.not.match(/ = /);
  expect(custom["opt/tool/later"] ?? "").to.match(/ = opt\/tool\/across$/);
  expect(custom["opt/tool"] ?? "").to.match(/^directory 750 9:0 /);
  expect(custom["usr/lib/libx.so.1"] ?? "").to.match(/ legacy.so$/);
  expect(custom["lib"] ?? "").to.match(/^symlink .* usr\/lib$/);
}
