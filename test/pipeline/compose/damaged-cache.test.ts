import { randomBytes } from "node:crypto";
import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { lifecycles } from "../../support/session/publish.js";
import { file } from "../../support/images/layer-tar.js";
import { keepRow } from "../../support/session/session.js";
import { debianBase, forBoth, PackagesShop } from "../packages/packages-shop.js";
import { checkWith } from "../workshop.js";

/** All files, or else one of each kind. */
const isLong = process.env["DHI_LONG"] !== undefined;

/** The damage to a file by a crash, a bad disk or a manual cleanup. */
const damages: Readonly<Record<string, (path: string) => Promise<void>>> = {
  removed: (path) => rm(path),
  emptied: (path) => truncate(path),
  "cut in half": async (path) => truncate(path, Math.floor((await readFile(path)).length / 2)),
  "changed by a bit": async (path) => {
    const bytes = await readFile(path);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
  },
};

// Issue 9, item 13.
describe("a cache in which one file is damaged", () => {
  let stage: PackagesShop;
  let news: ValueMap;
  let digest: unknown;
  let full: string;
  before(async () => {
    stage = await PackagesShop.open();
    await stage.stock(forBoth("tool"));
    await stage.shop.put("oci:base", "1", debianBase());
    await stage.shop.put("oci:tools", "1", debianBase([], [file("opt/tool", randomBytes(50_000).toString("hex"))]));
    news = {
      repository: "oci:base",
      version: "1",
      destination: "oci:out",
      packages: ["tool"],
      packageSources: [stage.source()],
      artifacts: [{ image: "oci:tools:1", includes: ["/opt/tool"] }],
      scripts: [{ path: "/opt/hi", content: "hi\n", uid: 0, gid: 0, mode: "0755" }],
    };
    const { failures, derived } = await checkWith(stage.shop.session(), "customization", { news });
    expect(failures).to.deep.equal([]);
    digest = derived["digest"];
    full = stage.shop.session().cache.directory;
  });
  after(() => stage.close());

  for (const [damage, change] of Object.entries(damages)) {
    it(`gives the same image: ${damage}`, async () => {
      const files = (await readdir(full, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && entry.name !== "CACHEDIR.TAG")
        .map((entry) => join(entry.parentPath, entry.name).slice(full.length));
      // Too large to be hashed each time, and read in small pieces: only its size is checked.
      const isUnchecked = (path: string): boolean => damage === "changed by a bit" && path.startsWith("/package-indexes/");
      const kinds = new Set(files.map((file) => file.split("/")[1]));
      for (const kind of ["blobs", "layers", "layer-indexes-3", "layer-tars", "package-files", "package-tars", "package-records"])
        expect(kinds, kind).to.include(kind);
      const bad: string[] = [];
      const firsts = files.filter((name, at) => isLong || files.findIndex((other) => other.split("/")[1] === name.split("/")[1]) === at);
      for (const path of firsts.filter((name) => !isUnchecked(name))) {
        stage.shop.loseCache();
        const { directory } = stage.shop.session().cache;
        await cp(full, directory, { recursive: true });
        await change(join(directory, path));
        // Files derived from it must not hide the damage.
        if (!path.startsWith("/layers/") && !path.startsWith("/blobs/")) await rm(join(directory, "layers"), { recursive: true });
        const { failures, derived } = await checkWith(stage.shop.session(), "customization", { news });
        if (derived["digest"] !== digest) bad.push(`${path}: ${failures[0]?.reason ?? "another digest"}`);
        await rm(directory, { recursive: true });
      }
      expect(bad).to.deep.equal([]);
    });
  }

  for (const [damage, change] of Object.entries(damages)) {
    it(`gives the same image where blobs are ${damage} between check and create`, async () => {
      stage.shop.loseCache();
      const session = stage.shop.session();
      const wanted = { ...news, destination: `oci:${damage.replaceAll(" ", "-")}` };
      const { failures, inputs, derived } = await checkWith(session, "customization", { news: wanted });
      expect(failures).to.deep.equal([]);
      const blobs = await readdir(join(session.cache.directory, "blobs"), { recursive: true, withFileTypes: true });
      for (const entry of blobs) if (entry.isFile()) await change(join(entry.parentPath, entry.name));
      const { outputs } = await lifecycles.customization.create(session, { ...inputs, ...derived }, keepRow());
      expect(outputs["digest"]).to.equal(digest);
      expect(await stage.shop.head(wanted.destination, "1")).to.equal(digest);
    });
  }

  it("is filled again for the next image of the same operation", async () => {
    stage.shop.loseCache();
    const session = stage.shop.session();
    await checkWith(session, "customization", { news });
    await rm(session.cache.directory, { recursive: true });
    const { failures, inputs, derived } = await checkWith(session, "customization", { news: { ...news, destination: "oci:out-2" } });
    expect(failures).to.deep.equal([]);
    const { outputs } = await lifecycles.customization.create(session, { ...inputs, ...derived }, keepRow());
    expect(outputs["digest"]).to.equal(digest);
    expect(await stage.shop.head("oci:out-2", "1")).to.equal(digest);
  });
});
