import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import type { ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { missingPrograms, runProgram } from "../support/images/programs.js";
import { check } from "../support/session/publish.js";
import { suiteUnless } from "../support/skips.js";
import { hardBase } from "./bases.js";
import { publishInProcess } from "./publish-in-process.js";
import { setUp } from "./stage.js";
import { withoutKept } from "../support/images/kept-tags.js";

const content: ValueMap = { scripts: [{ path: "/tmp/script", content: "x", uid: 0, gid: 0, mode: "0755" }] };

describe(
  "a layout",
  suiteUnless(missingPrograms(["skopeo"]), () => {
    it("takes twenty resources at once, ten each from two processes", async () => {
      const { session, place } = await setUp();
      await putImage(
        session.repositories.open({ kind: "layout", path: "images" }),
        makeImage({ platforms: [{ layers: hardBase.map((tar) => ({ tar })) }] }),
        "1",
      );
      const inputs = (prefix: string): ValueMap[] =>
        Array.from({ length: 10 }, (_, number) => ({
          repository: "oci:images",
          version: "1",
          suffix: `${prefix}${number}`,
          ...content,
          labels: { of: `${prefix}${number}` },
        }));
      const folders = ["a", "b"].map((name) => ({
        projectDirectory: place.folder,
        cacheDirectory: join(place.folder, `cache-${name}`),
        inputs: inputs(name),
      }));
      await Promise.all(folders.map((job) => publishInProcess(job)));
      const layout = session.repositories.open({ kind: "layout", path: "images" });
      const expected = ["a", "b"].flatMap((prefix) => Array.from({ length: 10 }, (_, number) => `1_${prefix}${number}`));
      expect(withoutKept(await layout.listTags())).to.deep.equal(["1", ...expected]);
      const names = await readdir(join(place.folder, "images"), { recursive: true });
      expect(names.filter((name) => !/^(?:blobs\/sha256|\.pulumi-dhi\/written)\/[0-9a-f]{64}$/.test(name)).sort()).to.deep.equal([
        ".pulumi-dhi",
        ".pulumi-dhi/temporary",
        ".pulumi-dhi/written",
        "blobs",
        "blobs/sha256",
        "index.json",
        "oci-layout",
      ]);
      const written = await readdir(join(place.folder, "images/.pulumi-dhi/written"));
      expect(written.sort()).to.deep.equal((await readdir(join(place.folder, "images/blobs/sha256"))).sort());
      for (const name of await readdir(join(place.folder, "images/blobs/sha256"))) {
        const bytes = await readFile(join(place.folder, "images/blobs/sha256", name));
        expect(createHash("sha256").update(bytes).digest("hex")).to.equal(name);
      }
      for (const tag of ["1_a0", "1_b9"]) {
        const config = await runProgram("skopeo", ["inspect", "--config", "--raw", `oci:${place.folder}/images:${tag}`]);
        expect(config).to.match(new RegExp(`"of":"${tag.slice(2)}"`));
      }
      const again = await check(session, "customization", inputs("a")[0] ?? {});
      expect(again.failures.length).to.equal(0);
    });
  }),
);
