import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Session } from "../../provider/pipeline/session.js";
import type { ValueMap } from "../../provider/values.js";
import { expect, expectThat } from "../support/expectations.js";
import { runBundle } from "../support/images/container.js";
import { inspectConfig, inspectIndex, inspectManifests, listTags } from "../support/images/inspect.js";
import { directory, file, layerTar } from "../support/images/layer-tar.js";
import { makeImage, putImage } from "../support/images/image.js";
import { missingPrograms, runProgram } from "../support/images/programs.js";
import { unpackWithUmoci } from "../support/images/unpackers.js";
import { startDockerRegistry, type StartedRegistry } from "../support/registries/index.js";
import { publish, type Published } from "../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../support/session/session.js";
import { suiteUnless } from "../support/skips.js";
import { putDebian } from "./debian.js";
import { withoutKept } from "../support/images/kept-tags.js";

const tar = process.env["DHI_TEST_BASE"];
const programs = missingPrograms(["docker-registry", "skopeo", "umoci", "runc", "crane", "regctl"], true);
const skip = programs === false && tar === undefined ? "DHI_TEST_BASE names no root filesystem" : programs;

const E = ["/bin/echo", "entrypoint"];
const C = ["cmd"];
/** Each way in which a base can have entrypoint and cmd. */
const bases = { neither: {}, entrypoint: { Entrypoint: E }, cmd: { Cmd: C }, both: { Entrypoint: E, Cmd: C } };

type Command = readonly string[] | undefined;
/** A declaration, and what a base's command becomes with it. */
const edits: readonly (readonly [declared: ValueMap[string], result: (base: Command) => Command])[] = [
  [["more", "still"], (base = []) => [...base, "more", "still"]],
  [[], (base = []) => base],
  [{ mode: "append", args: ["more"] }, (base = []) => [...base, "more"]],
  [{ mode: "prepend", args: ["before"] }, (base = []) => ["before", ...base]],
  [{ mode: "replace", args: ["other"] }, () => ["other"]],
  [{ mode: "clear" }, () => undefined],
];

describe(
  "each wizard field of config and names, alone, inspected with skopeo, umoci and runc",
  suiteUnless(skip, () => {
    let registry: StartedRegistry;
    let place: Workplace;
    let session: Session;
    let repository: string;
    let count = 0;

    before(async () => {
      registry = await startDockerRegistry();
      repository = `${registry.host}/debian`;
      place = await makeWorkplace();
      session = openSession(place);
      const target = { kind: "registry", host: registry.host, name: "debian" } as const;
      const rich = {
        Env: ["PATH=/usr/bin:/bin", "KEEP=1", "DROP=2", "CHANGE=3"],
        Labels: { base: "1", both: "base" },
        User: "1:1",
        StopSignal: "SIGINT",
        ExposedPorts: { "443/tcp": {} },
        Volumes: { "/var/lib/base": {} },
      };
      await putDebian(session, target, tar ?? "", { ...bases, rich });
      const layers = [{ tar: layerTar([directory("etc"), file("etc/os-release", "ID=test\n")]) }];
      const platforms = ["linux/amd64", "linux/arm64/v8", "linux/arm/v7"].map((platform) => ({ platform, layers }));
      await putImage(session.repositories.open(target), makeImage({ platforms, attestations: true }), "many");
    });
    after(async () => {
      await registry.stop();
      await place.remove();
    });

    const customize = (version: string, inputs: ValueMap): Promise<Published> =>
      publish(session, "customization", {
        repository,
        version,
        ...(inputs["suffix"] === undefined ? { suffix: `t${++count}` } : {}),
        ...inputs,
      });

    for (const [base, { Entrypoint, Cmd }] of Object.entries(bases) as [string, { Entrypoint?: string[]; Cmd?: string[] }][]) {
      it(`entrypoint and cmd: for a base that has ${base}`, async () => {
        for (const [declared, result] of edits) {
          const own = (await inspectConfig((await customize(base, { entrypoint: declared })).ref)).config;
          expect([own.Entrypoint ?? undefined, own.Cmd ?? undefined], JSON.stringify(declared)).to.deep.equal([result(Entrypoint), Cmd]);
          const other = (await inspectConfig((await customize(base, { cmd: declared })).ref)).config;
          expect([other.Entrypoint ?? undefined, other.Cmd ?? undefined], JSON.stringify(declared)).to.deep.equal([
            Entrypoint,
            result(Cmd),
          ]);
        }
      });
    }

    it("entrypoint and cmd: the base's command runs with the appended arguments, in the declared folder with the declared variables", async () => {
      const { id } = await customize("both", {
        suffix: "run",
        entrypoint: ["e"],
        cmd: ["c"],
        workingDirectory: "/var/tmp",
        environment: { VALUE: "a=b c" },
      });
      const bundle = await unpackWithUmoci(place.folder, `docker://${id}`, "run");
      expect(await runBundle(bundle)).to.equal("entrypoint e cmd c\n");
      expect(await runBundle(bundle, ["sh", "-c", "pwd; echo $VALUE; echo $PATH"])).to.equal(
        "/var/tmp\na=b c\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
      );
    });

    it("environment: merged over the base's, null unsets", async () => {
      const { ref } = await customize("rich", { environment: { DROP: null, CHANGE: "", NEW: "é", ABSENT: null } });
      const { config } = await inspectConfig(ref);
      expect(config.Env).to.deep.equal(["PATH=/usr/bin:/bin", "KEEP=1", "CHANGE=", "NEW=é"]);
      expect([config.Labels, config.User, config["StopSignal"]]).to.deep.equal([{ base: "1", both: "base" }, "1:1", "SIGINT"]);
    });

    it("labels: only in the config, merged over the base's", async () => {
      const { ref } = await customize("rich", { labels: { both: "ours", "org.example/own": "x y" } });
      expect((await inspectConfig(ref)).config.Labels).to.deep.equal({ base: "1", both: "ours", "org.example/own": "x y" });
      expect((await inspectIndex(ref)).annotations?.["both"]).to.equal(undefined);
    });

    it("annotations: on index and manifests, not in the config; the base's stay", async () => {
      const { ref } = await customize("rich", { annotations: { "org.example.team": "a", "org.opencontainers.image.title": "b" } });
      const index = await inspectIndex(ref);
      const [manifest] = await inspectManifests(ref);
      for (const annotations of [index.annotations, manifest?.annotations]) {
        expect(annotations?.["org.example.team"]).to.equal("a");
        expectThat(annotations !== undefined);
        expect(annotations["org.opencontainers.image.title"]).to.equal("b");
        expect(annotations["org.opencontainers.image.base.name"]).to.equal(`${repository}:rich`);
        expect(annotations["org.opencontainers.image.base.digest"] ?? "").to.match(/^sha256:[0-9a-f]{64}$/);
      }
      expect(index.annotations?.["org.example.base"]).to.equal("kept");
      expect((await inspectConfig(ref)).config.Labels).to.deep.equal({ base: "1", both: "base" });
    });

    it("workingDirectory: in the config", async () => {
      expect((await inspectConfig((await customize("both", { workingDirectory: "/srv" })).ref)).config.WorkingDir).to.equal("/srv");
    });

    it("stopSignal: replaces the base's", async () => {
      const { ref } = await customize("rich", { stopSignal: "SIGRTMIN+3" });
      expect((await inspectConfig(ref)).config["StopSignal"]).to.equal("SIGRTMIN+3");
      const { ref: none } = await customize("both", { stopSignal: "9" });
      expect((await inspectConfig(none)).config["StopSignal"]).to.equal("9");
    });

    it("exposedPorts: added to the base's", async () => {
      const { ref } = await customize("rich", { exposedPorts: ["8080", "53/udp", "443/tcp"] });
      expect((await inspectConfig(ref)).config["ExposedPorts"]).to.deep.equal({ "443/tcp": {}, "53/udp": {}, "8080/tcp": {} });
      const { ref: none } = await customize("both", { exposedPorts: ["8080/tcp"] });
      expect((await inspectConfig(none)).config["ExposedPorts"]).to.deep.equal({ "8080/tcp": {} });
    });

    it("volumes: added to the base's", async () => {
      const { ref } = await customize("rich", { volumes: ["/srv/data/", "/é"] });
      expect((await inspectConfig(ref)).config["Volumes"]).to.deep.equal({ "/srv/data": {}, "/var/lib/base": {}, "/é": {} });
      const { ref: none } = await customize("rich", { volumes: [], labels: { volumes: "none" } });
      expect((await inspectConfig(none)).config["Volumes"]).to.deep.equal({ "/var/lib/base": {} });
    });

    it("stopSignal, exposedPorts and volumes: read by crane and umoci", async () => {
      const inputs = { suffix: "three", stopSignal: "SIGRTMIN+3", exposedPorts: ["8080"], volumes: ["/data"] };
      const { id, ref } = await customize("both", inputs);
      const { config } = JSON.parse(await runProgram("crane", ["config", "--insecure", ref])) as { readonly config: object };
      const written = { StopSignal: "SIGRTMIN+3", ExposedPorts: { "8080/tcp": {} }, Volumes: { "/data": {} } };
      expect({ ...config, ...written }).to.deep.equal(config);
      const bundle = await unpackWithUmoci(place.folder, `docker://${id}`, "three");
      const { annotations, mounts } = JSON.parse(await readFile(join(bundle, "config.json"), "utf8")) as {
        readonly annotations: Readonly<Record<string, string>>;
        readonly mounts: readonly { readonly destination: string }[];
      };
      expect(annotations["org.opencontainers.image.stopSignal"]).to.equal("SIGRTMIN+3");
      expect(annotations["org.opencontainers.image.exposedPorts"]).to.equal("8080/tcp");
      expect(mounts.some(({ destination }) => destination === "/data")).to.equal(true);
    });

    it("compression: only of our layers", async () => {
      const script = { path: "/x", content: "x", uid: 0, gid: 0, mode: "0644" };
      const [before] = await inspectManifests(`${repository}:rich`);
      for (const [compression, type] of [
        ["gzip", "gzip"],
        ["zstd", "zstd"],
        [undefined, "gzip"],
      ] as const) {
        const { ref } = await customize("rich", { scripts: [script], ...(compression === undefined ? {} : { compression }) });
        const [manifest] = await inspectManifests(ref);
        expect(manifest?.layers[0]?.digest).to.equal(before?.layers[0]?.digest);
        expect(manifest?.layers.map(({ mediaType }) => mediaType)).to.deep.equal([
          "application/vnd.oci.image.layer.v1.tar+gzip",
          `application/vnd.oci.image.layer.v1.tar+${type}`,
        ]);
      }
    });

    it("platforms: all of the base's, or the named ones; attestations are not platforms", async () => {
      const names = async (ref: string): Promise<readonly string[]> =>
        (await inspectIndex(ref)).manifests.map(
          ({ platform }) => `${platform?.os ?? ""}/${platform?.architecture ?? ""}/${platform?.variant ?? ""}`,
        );
      expect(await names((await customize("many", {})).ref)).to.deep.equal(["linux/amd64/", "linux/arm/v7", "linux/arm64/v8"]);
      const { ref } = await customize("many", { platforms: ["linux/arm64", "linux/amd64"], labels: { a: "b" } });
      expect(await names(ref)).to.deep.equal(["linux/amd64/", "linux/arm64/v8"]);
      expect((await inspectConfig(ref, "arm64")).architecture).to.equal("arm64");
      await runProgram("crane", ["validate", "--insecure", "--remote", ref]);
    });

    it("suffix, additionalTags and destination: exactly these tags exist", async () => {
      const before = await listTags(repository);
      const { digest } = await customize("rich", { suffix: "custom.1-a", additionalTags: ["latest", "rich_other"], labels: { a: "tags" } });
      const added = withoutKept(await listTags(repository)).filter((tag) => !before.includes(tag));
      expect(added).to.deep.equal(["latest", "rich_custom.1-a", "rich_other"]);
      for (const tag of added)
        expect((await runProgram("crane", ["digest", "--insecure", `${repository}:${tag}`])).trim()).to.equal(digest);
      const other = await publish(session, "customization", {
        repository,
        version: "rich",
        destination: `${registry.host}/elsewhere/deep`,
      });
      expect(withoutKept(await listTags(`${registry.host}/elsewhere/deep`))).to.deep.equal(["rich"]);
      expect(other.ref).to.equal(`${registry.host}/elsewhere/deep@${other.digest}`);
    });

    it("version, pinned by digest: the base that was pinned, though the tag has moved", async () => {
      const digest = (await runProgram("crane", ["digest", "--insecure", `${repository}:cmd`])).trim();
      const pinned = await customize(`both@${digest}`, { suffix: "pinned" });
      expect(pinned.id).to.equal(`${repository}:both_pinned`);
      const { config } = await inspectConfig(pinned.ref);
      expect([config.Entrypoint, config.Cmd]).to.deep.equal([undefined, C]);
    });

    it("history: one entry for every layer, with the base's creation time instead of the current time", async () => {
      const config = await inspectConfig(
        (await customize("rich", { scripts: [{ path: "/y", content: "y", uid: 0, gid: 0, mode: "0644" }] })).ref,
      );
      expect(config.created).to.equal("2024-05-06T07:08:09Z");
      expect(config.history.filter((entry) => entry.empty_layer !== true).length).to.equal(config.rootfs.diff_ids.length);
      expect(JSON.stringify(config)).to.not.match(new RegExp(String(new Date().getFullYear())));
    });

    it("all of them: regctl reads index and manifests", async () => {
      const { ref } = await customize("many", { labels: { regctl: "reads" } });
      const regctl = (args: readonly string[]): Promise<string> =>
        runProgram("regctl", ["--host", `reg=${registry.host},tls=disabled`, ...args]);
      expect(await regctl(["manifest", "get", ref])).to.match(/MediaType: *application\/vnd\.oci\.image\.index\.v1\+json/);
      expect(await regctl(["manifest", "get", "--platform", "linux/arm64", ref])).to.match(
        /MediaType: *application\/vnd\.oci\.image\.manifest\.v1\+json/,
      );
    });
  }),
);
