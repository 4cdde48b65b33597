import { chmod, lstat, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Session } from "../../provider/pipeline/session.js";
import type { ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";
import { readProcess, runBundle } from "../support/images/container.js";
import { inspectConfig } from "../support/images/inspect.js";
import { missingPrograms } from "../support/images/programs.js";
import { unpackWithUmoci } from "../support/images/unpackers.js";
import { startDockerRegistry, type StartedRegistry } from "../support/registries/index.js";
import { publish, type Published } from "../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../support/session/session.js";
import { suiteUnless } from "../support/skips.js";
import { putDebian } from "./debian.js";

const tar = process.env["DHI_TEST_BASE"];
const programs = missingPrograms(["docker-registry", "skopeo", "umoci", "runc"], true);
const skip = programs === false && tar === undefined ? "DHI_TEST_BASE names no root filesystem" : programs;

describe(
  "each wizard field of files, alone, inspected with umoci and runc",
  suiteUnless(skip, () => {
    let registry: StartedRegistry;
    let place: Workplace;
    let session: Session;

    before(async () => {
      registry = await startDockerRegistry();
      place = await makeWorkplace();
      session = openSession(place);
      await putDebian(session, { kind: "registry", host: registry.host, name: "debian" }, tar ?? "", { "12": { Cmd: ["bash"] } });
    });
    after(async () => {
      await registry.stop();
      await place.remove();
    });

    const customize = (suffix: string, inputs: ValueMap): Promise<Published> =>
      publish(session, "customization", { repository: `${registry.host}/debian`, version: "12", suffix, ...inputs });
    const unpack = (suffix: string): Promise<string> =>
      unpackWithUmoci(place.folder, `docker://${registry.host}/debian:12_${suffix}`, suffix);
    const facts = async (bundle: string, path: string): Promise<readonly [mode: string, uid: number, gid: number]> => {
      const found = await lstat(join(bundle, "rootfs", path));
      return [(found.mode & 0o7777).toString(8), found.uid, found.gid];
    };
    const read = (bundle: string, path: string): Promise<string> => readFile(join(bundle, "rootfs", path), "utf8");

    it("artifacts: included files without excluded ones, the artifact's variables, nothing else", async () => {
      await mkdir(join(place.folder, "tools", "doc"), { recursive: true });
      await writeFile(join(place.folder, "tools", "run"), "#!/bin/sh\necho ran\n", { mode: 0o755 });
      await writeFile(join(place.folder, "tools", "doc", "manual"), "manual");
      await writeFile(join(place.folder, "beside"), "beside");
      const tools = await publish(session, "artifact", {
        repository: `${registry.host}/tools`,
        tag: "2026",
        platforms: ["linux/amd64"],
        directories: [{ source: "tools", path: "/opt/tools" }],
        files: [{ source: "beside", path: "/opt/beside" }],
        environment: { PATH: "/opt/tools", TOOLS: "yes" },
      });
      await customize("artifacts", { artifacts: [{ image: tools.ref, includes: ["/opt/tools"], excludes: ["/opt/tools/doc"] }] });
      const bundle = await unpack("artifacts");
      expect(await facts(bundle, "opt/tools/run")).to.deep.equal(["755", 0, 0]);
      await expect(stat(join(bundle, "rootfs/opt/tools/doc"))).to.be.rejectedWithError({ code: "ENOENT" });
      await expect(stat(join(bundle, "rootfs/opt/beside"))).to.be.rejectedWithError({ code: "ENOENT" });
      expect(await runBundle(bundle, ["sh", "-c", "run; echo $TOOLS"])).to.equal("ran\nyes\n");
    });

    it("scripts: with owner, mode and content, and they run", async () => {
      const content = "#!/bin/sh\necho warm é\n";
      await customize("scripts", {
        scripts: [
          { path: "/usr/local/bin/warm-up", content, uid: 0, gid: 0, mode: "0755" },
          { path: "/srv/secret/key", content: "key", uid: 1001, gid: 1002, mode: "0400" },
        ],
      });
      const bundle = await unpack("scripts");
      expect(await read(bundle, "usr/local/bin/warm-up")).to.equal(content);
      expect(await facts(bundle, "usr/local/bin/warm-up")).to.deep.equal(["755", 0, 0]);
      expect(await facts(bundle, "srv/secret/key")).to.deep.equal(["400", 1001, 1002]);
      expect(await facts(bundle, "srv/secret")).to.deep.equal(["755", 0, 0]);
      expect(Buffer.from(await runBundle(bundle, ["warm-up"]), "latin1").toString()).to.equal("warm é\n");
    });

    it("files and directories: content and executable bit of the source, owner and mode as declared", async () => {
      await mkdir(join(place.folder, "tree", "sub"), { recursive: true });
      await writeFile(join(place.folder, "tree", "sub", "plain"), "plain");
      await chmod(join(place.folder, "tree", "sub", "plain"), 0o600);
      await writeFile(join(place.folder, "tree", "program"), "#!/bin/sh\necho program\n");
      await chmod(join(place.folder, "tree", "program"), 0o700);
      await customize("files", {
        files: [
          { source: "tree/program", path: "/usr/local/bin/program" },
          { source: "tree/sub/plain", path: "/etc/plain.conf", uid: 5, gid: 6, mode: "0640" },
        ],
        directories: [
          { path: "/var/lib/empty", uid: 7, gid: 8, mode: "2770" },
          { path: "/opt/tree", source: "tree", excludes: ["program"], uid: 9 },
        ],
      });
      const bundle = await unpack("files");
      expect(await facts(bundle, "usr/local/bin/program")).to.deep.equal(["755", 0, 0]);
      expect(await facts(bundle, "etc/plain.conf")).to.deep.equal(["640", 5, 6]);
      expect(await facts(bundle, "var/lib/empty")).to.deep.equal(["2770", 7, 8]);
      expect(await facts(bundle, "opt/tree/sub/plain")).to.deep.equal(["644", 9, 0]);
      await expect(stat(join(bundle, "rootfs/opt/tree/program"))).to.be.rejectedWithError({ code: "ENOENT" });
      expect(await runBundle(bundle, ["program"])).to.equal("program\n");
    });

    it("users: in passwd, group and shadow, with their own home", async () => {
      await customize("users", {
        users: [
          { name: "app", uid: 1001 },
          { name: "job", uid: 1002, gid: 1001, home: "/srv/job", shell: "/bin/sh", groups: ["adm"] },
        ],
      });
      const bundle = await unpack("users");
      expect(await read(bundle, "etc/passwd")).to.match(
        /\napp:x:1001:1001::\/home\/app:\/usr\/sbin\/nologin\njob:x:1002:1001::\/srv\/job:\/bin\/sh\n$/,
      );
      expect(await read(bundle, "etc/shadow")).to.match(/\napp:!::0:99999:7:::\njob:!::0:99999:7:::\n$/);
      expect(await facts(bundle, "home/app")).to.deep.equal(["755", 1001, 1001]);
      expect(await facts(bundle, "srv/job")).to.deep.equal(["755", 1002, 1001]);
      expect(await runBundle(bundle, ["id", "app"])).to.equal("uid=1001(app) gid=1001(app) groups=1001(app)\n");
      expect(await runBundle(bundle, ["id", "job"])).to.equal("uid=1002(job) gid=1001(app) groups=1001(app),4(adm)\n");
    });

    it("groups: with members of the base", async () => {
      await customize("groups", {
        groups: [
          { name: "team", gid: 2000, members: ["www-data", "nobody"] },
          { name: "adm", gid: 4, members: ["daemon"] },
        ],
      });
      const bundle = await unpack("groups");
      expect(await runBundle(bundle, ["getent", "group", "team"])).to.equal("team:x:2000:www-data,nobody\n");
      expect(await runBundle(bundle, ["id", "daemon"])).to.match(/groups=1\(daemon\),4\(adm\)\n$/);
    });

    it("runAs alone: a user of the base, by name and by uid", async () => {
      for (const runAs of ["www-data", 33, "33"]) {
        const { ref } = await customize("run-as-base", { runAs, overwrite: true });
        expect((await inspectConfig(ref)).config.User).to.equal("33");
      }
    });

    it("runAs with users, groups and environment: the process runs as the user, in its groups, with its home and variables", async () => {
      const { ref } = await customize("run-as", {
        users: [{ name: "app", uid: 1001, groups: ["team"] }],
        groups: [
          { name: "app", gid: 3000 },
          { name: "team", gid: 3001 },
          { name: "more", gid: 3002, members: ["app"] },
        ],
        runAs: "app",
        environment: { LOG_LEVEL: "info" },
        cmd: { mode: "replace", args: ["sh", "-c", "id; cd; pwd; touch ~/mine; stat -c %U:%G:%a ~; echo $LOG_LEVEL"] },
      });
      expect((await inspectConfig(ref)).config.User).to.equal("1001");
      const bundle = await unpack("run-as");
      expect((await readProcess(bundle)).user).to.deep.equal({ uid: 1001, gid: 3000, additionalGids: [3001, 3002] });
      expect(await runBundle(bundle)).to.equal(
        "uid=1001(app) gid=3000(app) groups=3000(app),3001(team),3002(more)\n/home/app\napp:app:755\ninfo\n",
      );
    });
  }),
);
