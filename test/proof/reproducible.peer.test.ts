import { createHash } from "node:crypto";
import { chmod, mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";
import { inspectManifests } from "../support/images/inspect.js";
import { makeImage, putImage } from "../support/images/image.js";
import { missingPrograms } from "../support/images/programs.js";
import { startDockerRegistry, type StartedRegistry } from "../support/registries/index.js";
import { check, lifecycles, type Published } from "../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../support/session/session.js";
import { suiteUnless, testUnless } from "../support/skips.js";
import { hardArtifact, hardBase } from "./bases.js";
import { publishInProcess, type ProcessOptions, type PublishJob } from "./publish-in-process.js";

const skip = missingPrograms(["docker-registry", "skopeo"]);
const lowest = process.env["DHI_NODE22"];
const seed = process.env["DHI_SEED"] ?? "1";

/** Bytes determined by the seed, half of them compressible. */
function seededBytes(length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, at) =>
    createHash("sha512")
      .update(`${seed} ${at >> 1}`)
      .digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

describe(
  `an image has the same digest (DHI_SEED=${seed})`,
  suiteUnless(skip, () => {
    let registry: StartedRegistry;
    let place: Workplace;
    let first: Published;
    let count = 0;

    before(async () => {
      registry = await startDockerRegistry();
      place = await makeWorkplace();
      const { repositories } = openSession(place);
      const put = (name: string, tars: readonly Buffer[]): Promise<void> =>
        putImage(
          repositories.open({ kind: "registry", host: registry.host, name }),
          makeImage({ platforms: [{ layers: tars.map((tar) => ({ tar })) }] }),
          "1",
        );
      await put("base", hardBase);
      await put("artifact", hardArtifact);
      await checkOut(join(place.folder, "one"), { time: 1_000_000_000, readable: true, reverse: false });
      await checkOut(join(place.folder, "two"), { time: 1_700_000_000, readable: false, reverse: true });
      first = await compose({}, "cold");
    });
    after(async () => {
      await registry.stop();
      await place.remove();
    });

    const inputs = (more: ValueMap = {}): ValueMap => ({
      repository: `${registry.host}/base`,
      version: "1",
      destination: `${registry.host}/out`,
      suffix: `n${++count}`,
      artifacts: [{ image: `${registry.host}/artifact:1`, includes: ["/"], excludes: ["/etc/passwd"] }],
      directories: [{ path: "/opt/source", source: "source", excludes: ["*.tmp"] }],
      files: [{ path: "/etc/one.conf", source: "source/a.conf" }],
      scripts: [{ path: "/tmp/script", content: "é", uid: 1, gid: 2, mode: "0751" }],
      users: [{ name: "app", uid: 1001 }],
      environment: { B: "2", A: "1" },
      labels: { b: "2", a: "1" },
      annotations: { b: "2", a: "1" },
      ...more,
    });
    const compose = async (
      job: Partial<PublishJob>,
      cache: string,
      options: ProcessOptions = {},
      more: ValueMap = {},
    ): Promise<Published> => {
      const folders = { projectDirectory: join(place.folder, "one"), cacheDirectory: join(place.folder, "caches", cache) };
      const { images } = await publishInProcess({ ...folders, inputs: [inputs(more)], ...job }, options);
      expect(images.length).to.equal(1);
      return images[0]!;
    };

    it("from a warm cache", async () => {
      expect((await compose({}, "cold")).digest).to.equal(first.digest);
    });

    it("with one, two and four segments compressed at a time", async () => {
      for (const jobs of [1, 2, 4]) expect((await compose({ jobs }, `jobs-${jobs}`)).digest).to.equal(first.digest);
    });

    it("in another time zone and locale, under another umask", async () => {
      const env = { TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", SOURCE_DATE_EPOCH: "5" };
      expect((await compose({ umask: 0o077 }, "abroad", { env })).digest).to.equal(first.digest);
    });

    it("from another checkout, with other times, another umask and files created in another order", async () => {
      expect((await compose({ projectDirectory: join(place.folder, "two") }, "two")).digest).to.equal(first.digest);
    });

    it("unless a byte or executable bit differs", async () => {
      const other = join(place.folder, "two", "source");
      await writeFile(join(other, "a.conf"), "A!");
      const changed = await compose({ projectDirectory: join(place.folder, "two") }, "two");
      expect(changed.digest).to.not.equal(first.digest);
      await writeFile(join(other, "a.conf"), "a");
      await chmod(join(other, "a.conf"), 0o700);
      const executable = await compose({ projectDirectory: join(place.folder, "two") }, "two");
      expect(executable.digest).to.not.equal(first.digest);
      expect(executable.digest).to.not.equal(changed.digest);
    });

    it(
      "on the lowest Node and this one: gzip to the byte",
      testUnless(lowest === undefined && "DHI_NODE22 names no Node", async () => {
        expect((await compose({}, "node-22", { node: lowest ?? "" })).digest).to.equal(first.digest);
      }),
    );

    it(
      "on the lowest Node and this one: zstd with the same config, and no change for the other",
      testUnless(lowest === undefined && "DHI_NODE22 names no Node", async () => {
        const suffix = { compression: "zstd", suffix: "zstd" };
        const here = await compose({}, "zstd-24", {}, suffix);
        const there = await compose({}, "zstd-22", { node: lowest ?? "" }, { ...suffix, destination: `${registry.host}/out-22` });
        const configs = await Promise.all(
          [here, there].map(async ({ ref }) => (await inspectManifests(ref)).map(({ config }) => config.digest)),
        );
        expect(configs[0]).to.deep.equal(configs[1]);
        const session = openSession({ projectDirectory: join(place.folder, "one"), cacheDirectory: join(place.folder, "caches", "empty") });
        const again = await check(session, "customization", inputs({ ...suffix, destination: `${registry.host}/out-22` }), there.outputs);
        expect(again.failures).to.deep.equal([]);
        expect(lifecycles.customization.diff(there.id, there.outputs, { ...again.inputs, ...again.derived })).to.equal(undefined);
      }),
    );
  }),
);

async function checkOut(
  project: string,
  how: { readonly time: number; readonly readable: boolean; readonly reverse: boolean },
): Promise<void> {
  const files: readonly (readonly [string, string | Buffer, boolean])[] = [
    ["a.conf", "a", false],
    ["deep/er/run", "#!/bin/sh\n", true],
    ["deep/Z", "Z", false],
    ["deep/ä", "umlaut", false],
    ["big", seededBytes(11 << 20), false],
  ];
  for (const [name, bytes, executable] of how.reverse ? [...files].reverse() : files) {
    const path = join(project, "source", name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, bytes);
    await chmod(path, (executable ? 0o755 : 0o644) & (how.readable ? 0o777 : 0o700));
    await utimes(path, how.time, how.time);
  }
  if (how.reverse) await writeFile(join(project, "source", "left.tmp"), "not taken");
}
