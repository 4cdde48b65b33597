import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { findHoles, readLayout } from "../../support/images/whole.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { Workshop } from "../workshop.js";

interface Named {
  readonly digest: string;
}

describe("an image without its tag, of which a layout has kept a part", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    await shop.put("oci:base", "1");
  });
  after(() => shop.remove());
  const inputsAt = (name: string): ValueMap => ({
    repository: "oci:base",
    version: "1",
    destination: `oci:${name}`,
    scripts: [{ path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" }],
  });
  const fileOf = (name: string, digest: string): string => join(shop.folder, name, "blobs", "sha256", digest.slice("sha256:".length));
  const read = async <T>(name: string, digest: string): Promise<T> => JSON.parse(await readFile(fileOf(name, digest), "utf8")) as T;

  const parts = ["manifest", "config", "base layer", "own layer"] as const;
  const find = async (name: string, digest: string, part: (typeof parts)[number]): Promise<string> => {
    const { manifests } = await read<{ readonly manifests: readonly Named[] }>(name, digest);
    const manifest = manifests.at(0)?.digest ?? "";
    const { config, layers } = await read<{ readonly config: Named; readonly layers: readonly Named[] }>(name, manifest);
    const found = { manifest, config: config.digest, "base layer": layers.at(0)?.digest, "own layer": layers.at(-1)?.digest };
    return found[part] ?? "";
  };

  for (const part of parts) {
    for (const known of ["with its state", "without its state", "with its state and no cache"]) {
      it(`is published completely again when its ${part} is missing, ${known}`, async () => {
        const name = `${part}-${known}`.replaceAll(" ", "-");
        const state = await shop.up("customization", inputsAt(name));
        const digest = state.outputs["digest"] as string;
        await shop
          .session()
          .repositories.open(parseRepository(`oci:${name}`))
          .deleteTag("1");
        await rm(fileOf(name, await find(name, digest, part)));
        if (known.endsWith("cache")) shop.loseCache();
        const next = await shop.up("customization", inputsAt(name), known === "without its state" ? undefined : state);
        expect(next.outputs["digest"]).to.equal(digest);
        expect(await shop.head(`oci:${name}`, "1")).to.equal(digest);
        expect(await findHoles(readLayout(join(shop.folder, name)), digest)).to.deep.equal([]);
        expect(next.lines.at(-1) ?? "").to.match(/[1-9] blobs uploaded|[1-9] mounted|already present; 1 tag moved/);
      });
    }
  }

  it("is published completely again when its manifest is damaged", async () => {
    const state = await shop.up("customization", inputsAt("damaged"));
    const digest = state.outputs["digest"] as string;
    await shop.session().repositories.open(parseRepository("oci:damaged")).deleteTag("1");
    await writeFile(fileOf("damaged", await find("damaged", digest, "manifest")), "{}");
    await shop.up("customization", inputsAt("damaged"), state);
    expect(await findHoles(readLayout(join(shop.folder, "damaged")), digest)).to.deep.equal([]);
  });

  it("is collected by a destroy after an interrupted one", async () => {
    const state = await shop.up("customization", inputsAt("again"));
    const index = join(shop.folder, "again", "index.json");
    // The state after a destroy that was killed before it removed a blob.
    await writeFile(index, JSON.stringify({ ...(JSON.parse(await readFile(index, "utf8")) as object), manifests: [] }));
    const old = new Date(Date.now() - 60 * 60_000);
    const blobs = join(shop.folder, "again", "blobs", "sha256");
    for (const blob of await readdir(blobs)) await utimes(join(blobs, blob), old, old);
    await lifecycles.customization.delete(shop.session(), state.id, state.outputs, keepRow());
    expect(await readdir(blobs)).to.deep.equal([]);
  });
});
