import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, it } from "mocha";
import type { Repository } from "../../provider/image/reference.js";
import type { ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";
import { inspectManifests } from "../support/images/inspect.js";
import { makeImage, putImage, type MadeImage } from "../support/images/image.js";
import { layerTar, file } from "../support/images/layer-tar.js";
import { missingPrograms, runProgram } from "../support/images/programs.js";
import { validate } from "../support/images/validate.js";
import { findProgram, type FaultProxy } from "../support/registries/index.js";
import { publish } from "../support/session/publish.js";
import { openSession } from "../support/session/session.js";
import { suiteUnless, testUnless } from "../support/skips.js";
import { hardArtifact, hardBase } from "./bases.js";
import { publishInProcess } from "./publish-in-process.js";
import { setUp } from "./stage.js";

const skip = missingPrograms(["docker-registry", "skopeo", "umoci", "crane", "regctl"]);

const at = (host: string, name: string): Repository => ({ kind: "registry", host, name });
const baseImage = (): MadeImage => makeImage({ platforms: [{ layers: hardBase.map((tar) => ({ tar })) }] });
const artifactImage = (): MadeImage => makeImage({ platforms: [{ layers: hardArtifact.map((tar) => ({ tar, compression: "zstd" })) }] });
const content: ValueMap = { scripts: [{ path: "/tmp/script", content: "x", uid: 0, gid: 0, mode: "0755" }], labels: { a: "b" } };
const layerDigests = (image: MadeImage): readonly string[] =>
  image.blobs.filter(({ descriptor }) => descriptor.mediaType.includes("layer")).map(({ descriptor }) => descriptor.digest);
const about = (proxy: FaultProxy, digests: readonly string[]): readonly string[] =>
  proxy.requests
    .filter(({ url }) => digests.some((digest) => decodeURIComponent(url).includes(digest)))
    .map(({ method, url }) => `${method} ${url}`);

describe(
  "a customization with base, artifact and destination in different places",
  suiteUnless(skip, () => {
    it("does not transfer base layers within the same repository", async () => {
      const { session, registry } = await setUp();
      const proxy = await registry();
      const base = baseImage();
      await putImage(session.repositories.open(at(proxy.host, "app")), base, "1");
      const layers = layerDigests(base);
      proxy.requests.splice(0);
      const repository = `${proxy.host}/app`;
      const { ref } = await publish(session, "customization", { repository, version: "1", suffix: "labelled", labels: { a: "b" } });
      expect(about(proxy, layers)).to.deep.equal([]);
      await publish(session, "customization", { repository, version: "1", suffix: "files", ...content });
      // Read once to see what the script overwrites; never requested, sent or mounted.
      expect(
        about(proxy, layers)
          .map((line) => line.split(" ")[0])
          .sort(),
      ).to.deep.equal(layers.map(() => "GET"));
      await runProgram("crane", ["validate", "--insecure", "--remote", ref]);
    });

    it("mounts base layers within the same registry", async () => {
      const { session, registry } = await setUp();
      const proxy = await registry();
      const base = baseImage();
      await putImage(session.repositories.open(at(proxy.host, "mirror/app")), base, "1");
      proxy.requests.splice(0);
      const up = proxy.bytes.up;
      const { ref } = await publish(session, "customization", {
        repository: `${proxy.host}/mirror/app`,
        version: "1",
        destination: `${proxy.host}/team/app`,
        ...content,
      });
      for (const digest of layerDigests(base)) {
        const lines = about(proxy, [digest]).filter((line) => !line.startsWith("GET /v2/mirror/app/blobs/"));
        expect(lines.filter((line) => line.startsWith("POST")).map((line) => decodeURIComponent(line))).to.deep.equal([
          `POST /v2/team/app/blobs/uploads/?mount=${digest}&from=mirror/app`,
        ]);
        expect(lines.filter((line) => /^(PUT|PATCH|GET)/.test(line))).to.deep.equal([]);
      }
      expect(proxy.bytes.up - up).to.be.below(20_000);
      await runProgram("crane", ["validate", "--insecure", "--remote", ref]);
    });

    it("has the same digest with base in one registry, artifact in a layout and destination in another registry", async () => {
      const { session, registry, place } = await setUp();
      const [from, to] = [await registry(), await registry()];
      const base = baseImage();
      await putImage(session.repositories.open(at(from.host, "base")), base, "1");
      await putImage(session.repositories.open({ kind: "layout", path: "artifacts" }), artifactImage(), "1");
      const artifacts = [{ image: "oci:artifacts:1", includes: ["/opt/tool"] }];
      const inputs = { repository: `${from.host}/base`, version: "1", suffix: "x", artifacts, ...content };
      const { ref, digest } = await publish(session, "customization", { ...inputs, destination: `${to.host}/far/away` });
      const [manifest] = await inspectManifests(ref);
      expect(manifest?.layers.slice(0, 2).map((layer) => layer.digest)).to.deep.equal(layerDigests(base));
      await runProgram("crane", ["validate", "--insecure", "--remote", ref]);
      const fresh = openSession({ ...place, cacheDirectory: join(place.folder, "cache-2") });
      expect((await publish(fresh, "customization", { ...inputs, destination: "oci:out" })).digest).to.equal(digest);
      expect((await publish(fresh, "customization", inputs)).digest).to.equal(digest);
    });

    it("reads layouts of skopeo, which reads those of pulumi-dhi", async () => {
      const { session, registry, place } = await setUp();
      const proxy = await registry();
      await putImage(session.repositories.open(at(proxy.host, "base")), baseImage(), "1");
      await runProgram("skopeo", [
        "copy",
        "--quiet",
        "--src-tls-verify=false",
        `docker://${proxy.host}/base:1`,
        `oci:${place.folder}/mirror:1`,
      ]);
      const { id, digest, ref } = await publish(session, "customization", {
        repository: "oci:mirror",
        version: "1",
        suffix: "custom",
        ...content,
      });
      expect([id, ref]).to.deep.equal(["oci:mirror:1_custom", `oci:mirror@${digest}`]);
      const back = `${proxy.host}/back`;
      await runProgram("skopeo", [
        "copy",
        "--all",
        "--quiet",
        "--preserve-digests",
        "--dest-tls-verify=false",
        `oci:${place.folder}/mirror:1_custom`,
        `docker://${back}:1`,
      ]);
      expect((await runProgram("crane", ["digest", "--insecure", `${back}:1`])).trim()).to.equal(digest);
      await runProgram("crane", ["validate", "--insecure", "--remote", `${back}:1`]);
      expect(await runProgram("regctl", ["manifest", "get", `ocidir://${place.folder}/mirror:1_custom`])).to.match(
        /MediaType: *application\/vnd\.oci\.image\.index/,
      );
      expect(await runProgram("umoci", ["ls", "--layout", join(place.folder, "mirror")])).to.match(/1_custom/);
    });

    for (const program of ["registry", "crane"] as const) {
      const missing = findProgram(program) === undefined ? `needs ${program}` : false;
      it(
        `does all this with ${program === "crane" ? "crane's registry" : "distribution v3"}`,
        testUnless(missing, async () => {
          const { session, registry } = await setUp();
          const [first, second] = [await registry("docker-registry"), await registry(program)];
          const inputs = {
            version: "1",
            artifacts: [{ image: `${second.host}/artifact:1`, includes: ["/opt/tool", "/usr/lib/tool"] }],
            ...content,
          };
          for (const { host } of [first, second]) await putImage(session.repositories.open(at(host, "base")), baseImage(), "1");
          await putImage(session.repositories.open(at(second.host, "artifact")), artifactImage(), "1");
          const there = await publish(session, "customization", { ...inputs, repository: `${second.host}/base`, suffix: "a" });
          const mounted = await publish(session, "customization", {
            ...inputs,
            repository: `${second.host}/base`,
            destination: `${second.host}/other`,
          });
          const across = await publish(session, "customization", {
            ...inputs,
            repository: `${first.host}/base`,
            destination: `${second.host}/across`,
          });
          for (const { ref } of [there, mounted, across]) await validate(session, ref, `${first.host}/validated`);
          expect(there.digest).to.equal(mounted.digest);
        }),
      );
    }

    it("streams a layer to another registry, unchanged and without buffering it", async () => {
      const { session, registry } = await setUp();
      const [from, to] = [await registry(), await registry()];
      const size = 192 * 1024 * 1024;
      const tar = layerTar([file("big", randomBytes(size))]);
      const base = makeImage({ platforms: [{ layers: [{ tar, compression: "none" }] }] });
      await putImage(session.repositories.open(at(from.host, "base")), base, "1");
      const inputs = { repository: `${from.host}/base`, version: "1", destination: `${to.host}/copy`, labels: { a: "b" } };
      const { peak, images } = await publishInProcess({
        projectDirectory: session.projectDirectory,
        cacheDirectory: join(session.projectDirectory, "cache-3"),
        inputs: [inputs],
      });
      expect(peak, `a process that streams ${size / 1024 ** 2} MiB had ${peak} MiB`).to.be.above(30);
      expect(peak, `a process that streams ${size / 1024 ** 2} MiB had ${peak} MiB`).to.be.below(260);
      const [manifest] = await inspectManifests(`${to.host}/copy@${images[0]?.digest ?? ""}`);
      expect(manifest?.layers[0]?.digest).to.equal(layerDigests(base)[0]);
    });
  }),
);
