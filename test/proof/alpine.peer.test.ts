import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, it } from "mocha";
import { expect } from "../support/expectations.js";
import { runBundle } from "../support/images/container.js";
import { listDisk } from "../support/images/disk-tree.js";
import { makeImage, putImage } from "../support/images/image.js";
import { inspectConfig } from "../support/images/inspect.js";
import { missingPrograms, runProgram } from "../support/images/programs.js";
import { openBuildah, stopAfter, unpackWithUmoci } from "../support/images/unpackers.js";
import { startDockerRegistry } from "../support/registries/index.js";
import { publish } from "../support/session/publish.js";
import { makeWorkplace, openSession } from "../support/session/session.js";
import { asBuildahHas, flattened } from "../support/session/tree.js";
import { suiteUnless } from "../support/skips.js";

const fixtures = process.env["DHI_FIXTURES"];
const programs = missingPrograms(["docker-registry", "skopeo", "umoci", "buildah", "runc", "getfattr", "crane"], true);
const skip = programs === false && fixtures === undefined ? "DHI_FIXTURES names no folder with Alpine's root filesystems" : programs;

const platforms = [
  ["linux/amd64", "x86_64"],
  ["linux/arm64", "aarch64"],
] as const;

describe(
  "Alpine's own root filesystems as a base of two platforms",
  suiteUnless(skip, () => {
    it("are customized in the same way, keep all their files, and run", async () => {
      const stop = stopAfter();
      const place = await makeWorkplace();
      stop(place.remove);
      const registry = await startDockerRegistry();
      stop(registry.stop);
      const session = openSession(place);
      const buildah = openBuildah(place.folder);
      stop(buildah.stop);
      const parts = platforms.map(async ([platform, machine]) => {
        const file = join(fixtures ?? "", `alpine-3.19/alpine-minirootfs-3.19.4-${machine}.tar.gz`);
        return {
          platform,
          layers: [{ tar: gunzipSync(await readFile(file)) }],
          config: { Env: ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["/bin/sh"] },
        };
      });
      const base = makeImage({ platforms: await Promise.all(parts) });
      await putImage(session.repositories.open({ kind: "registry", host: registry.host, name: "alpine" }), base, "3.19");
      const { ref } = await publish(session, "customization", {
        repository: `${registry.host}/alpine`,
        version: "3.19",
        suffix: "custom",
        scripts: [{ path: "/usr/local/bin/hello", content: "#!/bin/sh\nid\necho ~ $GREETING\n", uid: 0, gid: 0, mode: "0755" }],
        users: [{ name: "app", uid: 1001, groups: ["wheel"] }],
        runAs: "app",
        environment: { GREETING: "hello" },
        entrypoint: ["hello"],
        cmd: { mode: "clear" },
      });
      await runProgram("crane", ["validate", "--insecure", "--remote", ref]);
      expect([(await inspectConfig(ref)).architecture, (await inspectConfig(ref, "arm64")).architecture]).to.deep.equal(["amd64", "arm64"]);
      const written = ["usr/local/bin/hello", "home/app", "etc/passwd", "etc/group", "etc/shadow"];
      for (const [platform, machine] of platforms) {
        const before = await flattened(session, `${registry.host}/alpine@${base.top.digest}`, platform);
        const listing = await flattened(session, ref, platform);
        expect(
          Object.keys(listing)
            .filter((path) => listing[path] !== before[path])
            .sort(),
        ).to.deep.equal([...written].sort());
        expect(Object.keys(before).filter((path) => listing[path] === undefined)).to.deep.equal([]);
        const bundle = await unpackWithUmoci(place.folder, `docker://${ref}`, machine, platform);
        const { "": _, ...unpacked } = await listDisk(`${bundle}/rootfs`);
        const { "": __, ...tree } = listing;
        expect(unpacked).to.deep.equal(tree);
        if (platform === "linux/amd64") {
          expect(asBuildahHas(await listDisk(await buildah.mount(`docker://${ref}`)))).to.deep.equal(asBuildahHas(listing));
          if (process.arch === "x64")
            expect(await runBundle(bundle)).to.equal("uid=1001(app) gid=1001(app) groups=10(wheel)\n/home/app hello\n");
        }
      }
      expect(await readFile(join(place.folder, "bundle-x86_64/rootfs/etc/passwd"), "utf8")).to.match(
        /\napp:x:1001:1001::\/home\/app:\/sbin\/nologin\n$/,
      );
    });
  }),
);
