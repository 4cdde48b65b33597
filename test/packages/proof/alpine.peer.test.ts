import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { after, before, describe, it } from "mocha";
import type { Session } from "../../../provider/pipeline/session.js";
import { publishOwn } from "../../support/apk-root/own-packages.js";
import { repack } from "../../support/apk-root/repack.js";
import { lookUpPackages } from "../../../provider/resources/lookups/packages.js";
import { expect } from "../../support/expectations.js";
import { runBundle } from "../../support/images/container.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { missingPrograms } from "../../support/images/programs.js";
import { unpackWithUmoci } from "../../support/images/unpackers.js";
import { check, publish, type Published } from "../../support/session/publish.js";
import { keepRow, makeWorkplace, openSession, type Workplace } from "../../support/session/session.js";
import { suiteUnless } from "../../support/skips.js";
import { run } from "../../support/tar/tools.js";
import { serveFixtures, type FixtureArchive } from "./fixture-archive.js";
import { runInRoot } from "./root.js";

const fixtures = process.env["DHI_FIXTURES"];
const programs = missingPrograms(["skopeo", "umoci", "runc", "unshare"], true);
const skip = programs === false && fixtures === undefined ? "DHI_FIXTURES names no folder with Alpine's packages" : programs;
const alpine = join(fixtures ?? "", "alpine-3.19");

/** Of the root filesystem, what the fixtures' archive has not: made again and signed by ourselves. */
const absent = ["apk-tools", "busybox", "busybox-binsh", "ca-certificates-bundle", "libcrypto3", "libssl3", "ssl_client"];

describe(
  "packages added to Alpine's own root filesystem, from its own signed archive, seen by runc and apk",
  suiteUnless(skip, () => {
    let place: Workplace;
    let session: Session;
    let archive: FixtureArchive;
    let inputs: Record<string, unknown>;
    let image: Published;
    let bundle: string;

    before(async () => {
      place = await makeWorkplace();
      archive = await serveFixtures(alpine);
      session = openSession(place);
      const tar = gunzipSync(await readFile(join(alpine, "alpine-minirootfs-3.19.4-x86_64.tar.gz")));
      const config = { Env: ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["/bin/sh"] };
      const base = makeImage({ platforms: [{ platform: "linux/amd64", layers: [{ tar }], config }] });
      await putImage(session.repositories.open({ kind: "layout", path: "./alpine" }), base, "3.19");
      inputs = {
        repository: "oci:./alpine",
        version: "3.19",
        suffix: "tools",
        packages: ["jq", { alpine: "git", debian: "git" }],
        packageSources: [{ url: `http://${archive.host}/main` }],
      };
      image = await publish(session, "customization", inputs as never);
      bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/alpine:3.19_tools`, "tools");
    });
    after(async () => {
      await archive.stop();
      await place.remove();
    });

    it("run in a container", async () => {
      expect(await runBundle(bundle, ["git", "--version"])).to.match(/^git version 2\.43\./);
      expect(await runBundle(bundle, ["sh", "-c", "echo '{\"a\":42}' | jq .a"])).to.equal("42\n");
      const git = "git -c user.name=n -c user.email=e@example.com";
      const clone = `cd /tmp && git init -q a && cd a && echo one > f && git add f && ${git} commit -qm one && git clone -q /tmp/a /tmp/b && cat /tmp/b/f`;
      expect(await runBundle(bundle, ["sh", "-c", `${clone}; rm -rf /tmp/a /tmp/b`])).to.equal("one\n");
    });

    it("apk lists them, reports no problems, and continues", async () => {
      const root = join(bundle, "rootfs");
      const { packages } = image.outputs["resolution"] as { readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>> };
      const listed = (await runInRoot(root, "apk info -v --no-network 2>/dev/null")).split("\n");
      const added = Object.entries(packages["linux/amd64"] ?? {});
      expect(added.length).to.be.above(5);
      for (const [name, version] of added) expect(listed, name).to.include(`${name}-${version}`);
      expect(await runInRoot(root, "apk audit --system --no-network 2>/dev/null | grep -v ' dev/' || true")).to.equal("");
      expect(await runInRoot(root, "cat /etc/apk/world")).to.match(/^git\njq\n/m);
      await runInRoot(root, "apk del --no-network jq");
      expect(await runInRoot(root, "command -v jq || echo gone")).to.equal("gone\n");
    });

    it("are listed before: what can be added, and what the image has", async () => {
      const configured = openSession({ ...place, packageSources: { "alpine:3.19": [{ url: `http://${archive.host}/main` }] } });
      const found = await lookUpPackages(configured, { repository: "oci:./alpine", version: "3.19", search: "json processor" }, keepRow());
      expect(found.map(({ name, version, installed }) => `${name} ${version}${installed ? " installed" : ""}`)).to.deep.equal([
        "jq 1.7.1-r0",
        "jq-dev 1.7.1-r0",
        "jq-doc 1.7.1-r0",
      ]);
      const [musl] = await lookUpPackages(configured, { repository: "oci:./alpine", version: "3.19", search: "musl" }, keepRow());
      expect([musl?.name, musl?.installed]).to.deep.equal(["musl", true]);
    });

    it("cost only their index's signature when nothing has changed, even with an empty cache", async () => {
      archive.sent.bytes = 0;
      archive.sent.paths.length = 0;
      const other = openSession({ ...place, cacheDirectory: join(place.folder, "empty") });
      const { failures, derived } = await check(other, "customization", inputs as never, image.outputs);
      expect(failures).to.deep.equal([]);
      expect(derived["digest"]).to.equal(image.digest);
      expect(archive.sent.paths).to.deep.equal(["/main/x86_64/APKINDEX.tar.gz"]);
      expect(archive.sent.bytes).to.be.at.most(8192);
    });
  }),
);

describe(
  "images from nothing but packages of Alpine",
  suiteUnless(skip, () => {
    let place: Workplace;
    let archive: FixtureArchive;

    before(async () => {
      place = await makeWorkplace();
      archive = await serveFixtures(alpine);
    });
    after(async () => {
      await archive.stop();
      await place.remove();
    });

    it("run in a container, and are a base for more packages", async () => {
      const session = openSession(place);
      const host = join(place.folder, "host");
      await mkdir(host);
      run("tar", ["-C", host, "-xpzf", join(alpine, "alpine-minirootfs-3.19.4-x86_64.tar.gz")]);
      const own = publishOwn(join(place.folder, "own"), repack(host, absent));
      const packageSources = [
        { url: pathToFileURL(join(place.folder, "own")).href, keys: [await readFile(own.key, "utf8")] },
        { url: `http://${archive.host}/main` },
      ];
      const base = await publish(session, "artifact", {
        repository: "oci:./made",
        tag: "3.19",
        distribution: "alpine:3.19",
        platforms: ["linux/amd64"],
        packages: ["alpine-baselayout", "alpine-keys", "apk-tools", "busybox"],
        packageSources,
        environment: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
        scripts: [{ path: "/etc/os-release", content: "ID=alpine\nVERSION_ID=3.19.4\n", uid: 0, gid: 0, mode: "0644" }],
      });
      const made = await unpackWithUmoci(place.folder, `oci:${place.folder}/made:3.19`, "made");
      expect(await runBundle(made, ["sh", "-c", "id -un; apk info | grep -c ."])).to.equal(`root\n${String(countOf(base))}\n`);
      const more = { repository: "oci:./made", version: "3.19", suffix: "jq", packages: ["jq"], packageSources };
      await publish(session, "customization", more);
      const bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/made:3.19_jq`, "jq");
      expect(await runBundle(bundle, ["sh", "-c", "echo '[1,2]' | jq -c .; cat /etc/apk/world"])).to.equal(
        "[1,2]\nalpine-baselayout\nalpine-keys\napk-tools\nbusybox\njq\n",
      );
    });

    it("are of two platforms, from an archive that another tool made and signed", async () => {
      const session = openSession(place);
      const melange = join(alpine, "../melange");
      const inputs = {
        repository: "oci:./two",
        tag: "1",
        distribution: "alpine:3.19",
        platforms: ["linux/amd64", "linux/arm64"],
        packages: ["replayout"],
        packageSources: [{ url: pathToFileURL(melange).href, keys: [await readFile(join(melange, "melange.rsa.pub"), "utf8")] }],
      };
      const { outputs } = await publish(session, "artifact", inputs);
      const { packages } = outputs["resolution"] as { readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>> };
      const both = { "pretend-baselayout": "1.0.0-r0", replayout: "1.0.0-r0" };
      expect(packages).to.deep.equal({ "linux/amd64": both, "linux/arm64": both });
      const urls = (outputs["archives"] as readonly { readonly url: string }[]).map(({ url }) => url.slice(url.lastIndexOf("/")));
      expect(urls).to.deep.equal(["/x86_64", "/aarch64"]);
    });
  }),
);

function countOf({ outputs }: Published): number {
  const { packages } = outputs["resolution"] as { readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>> };
  return Object.keys(packages["linux/amd64"] ?? {}).length;
}
