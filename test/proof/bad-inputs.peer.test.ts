import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { describeFailure } from "../../provider/resources/parse.js";
import type { Session } from "../../provider/pipeline/session.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { layerTar, file } from "../support/images/layer-tar.js";
import { missingPrograms } from "../support/images/programs.js";
import { startDockerRegistry, startProxy, type FaultProxy, type StartedRegistry } from "../support/registries/index.js";
import { freePort } from "../support/registries/process.js";
import { cleanup } from "../support/running-test.js";
import { check, publish } from "../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../support/session/session.js";
import { suiteUnless } from "../support/skips.js";
import { badInputs } from "./bad-inputs.js";
import { hardArtifact, hardBase } from "./bases.js";

const skip = missingPrograms(["docker-registry"]);

describe(
  "bad inputs",
  suiteUnless(skip, () => {
    let registry: StartedRegistry;
    let locked: StartedRegistry;
    let faulty: FaultProxy;
    let place: Workplace;
    let closed: string;

    before(async () => {
      registry = await startDockerRegistry();
      locked = await startDockerRegistry({ auth: "basic" });
      // Manifests and configs pass unchanged; in the middle of each gzip layer one bit is flipped.
      faulty = await startProxy(registry.host, {
        onRequest: ({ method, url }) =>
          method === "GET" && url.includes("/blobs/")
            ? { kind: "change", change: (body) => (body[0] === 0x1f ? flipByte(body) : body) }
            : undefined,
      });
      closed = `127.0.0.1:${await freePort()}`;
      place = await makeWorkplace();
      const { repositories } = openSession(place);
      const at = (name: string) => repositories.open({ kind: "registry", host: registry.host, name });
      const base = makeImage({ platforms: [{ layers: hardBase.map((tar) => ({ tar })) }] });
      const layers = hardArtifact.map((tar) => ({ tar }));
      await putImage(at("base"), base, "1");
      await putImage(at("base"), makeImage({ platforms: [{ layers: [{ tar: layerTar([file("x")]) }] }] }), "1_foreign");
      await putImage(at("artifact"), makeImage({ platforms: [{ layers }] }), "1");
      await putImage(at("artifact"), makeImage({ platforms: [{ platform: "linux/arm64", layers }] }), "arm");
      await putImage(repositories.open({ kind: "layout", path: "corrupt" }), base, "1");
      const layer = base.blobs[0]?.descriptor.digest.slice("sha256:".length) ?? "";
      const path = join(place.folder, "corrupt/blobs/sha256", layer);
      await writeFile(path, flipByte(await readFile(path)));
    });
    after(async () => {
      await faulty.stop();
      await locked.stop();
      await registry.stop();
      await place.remove();
    });

    const freshSession = (): Session => openSession({ ...place, cacheDirectory: join(place.folder, `cache-${Math.random()}`) });

    it("fail one by one with the property's path, the value and the way out, and nothing is pushed or lost", async () => {
      const table = badInputs(registry.host, { closed, locked: locked.host, faulty: faulty.host });
      const kinds = new Map<string, number>();
      const before = await listStorage(registry);
      const layout = await listFolder(join(place.folder, "corrupt"));
      for (const { kind, inputs, property, value, wayOut } of table) {
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        const good = {
          repository: `${registry.host}/base`,
          version: "1",
          suffix: "custom",
          scripts: [{ path: "/s", content: "s", uid: 0, gid: 0, mode: "0755" }],
        };
        const { failures } = await check(freshSession(), "customization", { ...good, ...inputs });
        const said = failures.map(describeFailure).join("\n");
        const told = `${kind}, ${property === "" ? "the whole" : property} ${value}: ${said}`;
        expect(failures.length, told).to.equal(1);
        expect(property === "" || said.startsWith(`${property}: `), told).to.equal(true);
        expect(said, told).to.include(value);
        expect(said, told).to.match(wayOut);
        expect(said, told).to.not.match(/\n\s+at |undefined|\[object/);
      }
      expect(await listStorage(registry)).to.deep.equal(before);
      expect(await listFolder(join(place.folder, "corrupt"))).to.deep.equal(layout);
      expect(table.length).to.be.at.least(30);
      for (const [kind, count] of kinds) expect(count, `${kind} has ${count}`).to.be.at.least(2);
    });

    it("are all reported at once for one resource", async () => {
      const { failures } = await check(freshSession(), "customization", {
        repository: "UP",
        version: "",
        suffix: 1,
        users: [{ uid: "x" }],
      });
      expect(failures.map(({ property }) => property).sort()).to.deep.equal([
        "repository",
        "suffix",
        "users[0].name",
        "users[0].uid",
        "version",
      ]);
    });

    it("fail for two resources of one program with the same tag", async () => {
      const session = freshSession();
      const inputs = { repository: `${registry.host}/base`, version: "1", suffix: "twice" };
      const both = await Promise.all([
        check(session, "customization", inputs),
        check(session, "artifact", { repository: `${registry.host}/base`, tag: "1_twice", platforms: ["linux/amd64"] }),
      ]);
      expect(both.flatMap(({ failures }) => failures).length, "the same id is the same resource where no URN is known").to.equal(0);
      const other = await check(session, "customization", { ...inputs, suffix: "other", additionalTags: ["1_twice"] });
      expect(other.failures.map(describeFailure).join()).to.match(
        /another resource of this program also publishes .*base:1_twice. Give one of them another/,
      );
    });

    it("never lead to a tag where a registry flips bytes while a layer is streamed to another one", async () => {
      const target = await startDockerRegistry();
      cleanup(target.stop);
      const inputs = { repository: `${faulty.host}/base`, version: "1", destination: `${target.host}/copy`, labels: { a: "b" } };
      await expect(publish(freshSession(), "customization", inputs)).to.be.rejectedWithError(/sha256:/);
      expect((await listStorage(target)).filter((path) => path.includes("/_manifests/"))).to.deep.equal([]);
    });
  }),
);

function flipByte(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  const middle = body.length >> 1;
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  return changed;
}

/** Every file that the registry stores, with the digest of its content: blobs, manifests and tags. */
function listStorage(registry: StartedRegistry): Promise<readonly string[]> {
  return listFolder(registry.storage);
}

async function listFolder(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.sort().map(
      async (path) =>
        `${path} ${createHash("sha256")
          .update(await readFile(path))
          .digest("hex")}`,
    ),
  );
}
