import { createServer } from "node:https";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Session } from "../../../provider/pipeline/session.js";
import { expect } from "../../support/expectations.js";
import { runBundle } from "../../support/images/container.js";
import { missingPrograms } from "../../support/images/programs.js";
import { unpackWithUmoci } from "../../support/images/unpackers.js";
import { makeCertificates, type Certificates } from "../../support/registries/certificates.js";
import { listen, type Listening } from "../../support/registries/listen.js";
import { skipTest } from "../../support/running-test.js";
import { publish, type Published } from "../../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../../support/session/session.js";
import { putDebian } from "../../proof/debian.js";
import { suiteUnless } from "../../support/skips.js";
import { allowAsDocker, findVersions, runInRoot, useMachineApt } from "./root.js";
import { findScanner, scanRoot } from "./scanner.js";

const tar = process.env["DHI_TEST_BASE"];
const programs = missingPrograms(["skopeo", "umoci", "runc", "unshare", "apt-cache", "openssl"], true);
const skip = programs === false && tar === undefined ? "DHI_TEST_BASE names no root filesystem" : programs;

const names = ["curl", "git", "python3", "nginx", "openssh-client", "ca-certificates"];

function serve({ certificate, key }: Certificates): Promise<Listening> {
  return listen(createServer({ cert: certificate, key }, (_, response) => response.end("trusted\n")));
}

describe(
  "packages added to a Debian base, seen by runc, dpkg, apt and a scanner",
  suiteUnless(skip, () => {
    let place: Workplace;
    let session: Session;
    let image: Published;
    let bundle: string;
    let root: string;
    /** Of openssh-client: the newest, and the one that is asked for. */
    let versions: readonly string[];
    const servers: Listening[] = [];

    before(async () => {
      place = await makeWorkplace();
      session = openSession(place);
      await putDebian(session, { kind: "layout", path: "./debian" }, tar ?? "", { "12": { Cmd: ["bash"] } });
      const [ca = ""] = await Promise.all(
        ["known", "unknown"].map(async (name, at) => {
          await mkdir(join(place.folder, name));
          const made = await makeCertificates(join(place.folder, name));
          servers[at] = await serve(made);
          return made.ca;
        }),
      );
      versions = await findVersions("openssh-client");
      image = await publish(session, "customization", {
        repository: "oci:./debian",
        version: "12",
        suffix: "tools",
        packages: names.map((name) => (name === "openssh-client" ? `${name}=${versions.at(-1) ?? ""}` : name)),
        caCertificates: [ca],
      });
      bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/debian:12_tools`, "tools");
      await allowAsDocker(bundle);
      root = join(bundle, "rootfs");
    });
    after(async () => {
      for (const server of servers) await server.stop();
      await place.remove();
    });

    it("run in a container: curl, git, python3, nginx, ssh", async () => {
      expect(await runBundle(bundle, ["curl", "--version"])).to.match(/^curl 7\.88\.1 .* OpenSSL\/3/);
      const git = "git -c user.name=n -c user.email=e@example.com";
      const clone = `git init -q /tmp/a && cd /tmp/a && echo one > file && git add file && ${git} commit -qm one && git clone -q /tmp/a /tmp/b`;
      expect(await runBundle(bundle, ["sh", "-c", `${clone} && cat /tmp/b/file && rm -r /tmp/a /tmp/b`])).to.equal("one\n");
      const python = "import ssl, sqlite3; print(sqlite3.connect(':memory:').execute('select 6*7').fetchone()[0])";
      expect(await runBundle(bundle, ["python3", "-c", python])).to.equal("42\n");
      expect(await runBundle(bundle, ["sh", "-c", "nginx -t 2>&1"])).to.match(/test is successful\n$/);
      expect(await runBundle(bundle, ["sh", "-c", "ssh -V 2>&1"])).to.match(/^OpenSSH_9\.2p1 Debian/);
    });

    it("curl trusts the server of the CA that was given, and no other", async () => {
      const [known, unknown] = servers.map(({ port }) => `https://localhost:${port}/`);
      expect(await runInRoot(root, `curl -sS --noproxy '*' ${known ?? ""}`)).to.equal("trusted\n");
      expect(await runInRoot(root, `curl -sS --noproxy '*' ${unknown ?? ""} 2>&1 || true`)).to.match(/\(60\) SSL certificate problem/);
    });

    it("dpkg lists what was added and reports no problems", async () => {
      const listed = await runInRoot(root, "dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\\n'");
      const { packages } = image.outputs["resolution"] as { readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>> };
      const added = Object.entries(packages["linux/amd64"] ?? {});
      expect(added.length).to.be.above(names.length);
      for (const [name, version] of added) expect(listed.split("\n"), name).to.include(`ii  ${name} ${version}`);
      expect(await runInRoot(root, "dpkg -l curl")).to.match(/^ii {2}curl +7\.88/m);
      expect((await runInRoot(root, "dpkg -L git")).split("\n")).to.include("/usr/bin/git");
      expect(await runInRoot(root, "dpkg -S /usr/bin/ssh")).to.equal("openssh-client: /usr/bin/ssh\n");
      expect(await runInRoot(root, "dpkg --audit; dpkg --verify")).to.equal("");
    });

    it("a scanner lists what was added", async () => {
      const scanner = await findScanner();
      if ("missing" in scanner) {
        skipTest(scanner.missing);
        return;
      }
      const found = await scanRoot(scanner.program, root);
      for (const name of [...names, "libcurl4", "libpython3.11-stdlib"]) expect(found.has(name), name).to.equal(true);
      expect(found.get("openssh-client")).to.equal(versions.at(-1));
    });

    it("apt continues from there: upgrades, removes and installs", async () => {
      await useMachineApt(root, "bookworm");
      await runInRoot(root, "apt-get -qq update");
      expect(await runInRoot(root, "apt-get -qq check")).to.equal("");
      if (versions.length > 1) {
        await runInRoot(root, "apt-get -qq -y install --only-upgrade openssh-client");
        expect(await runInRoot(root, "dpkg-query -W -f '${Version}' openssh-client")).to.equal(versions[0]);
      }
      const removed = await runInRoot(root, "apt-get -qq -y autoremove --purge git curl");
      expect(removed).to.match(/Purging configuration files for|Removing git/);
      expect(removed, "a dependency is known to be one").to.match(/Removing libcurl4/);
      await runInRoot(root, "apt-get -qq -y --no-install-recommends install curl nano");
      expect(await runInRoot(root, "curl --version; nano --version")).to.match(/^curl 7\.88[^]* GNU nano/);
      expect(await runInRoot(root, "dpkg --audit; dpkg --verify; apt-get -qq check")).to.equal("");
    });
  }),
);
