import { mkdtemp, open, rename, rm, symlink, utimes, writeFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { REF_NAME, tagOf, withEntry, type LayoutIndex } from "../../../provider/registry/layout/layout-index.js";
import { Layout } from "../../../provider/registry/layout/layout.js";
import { expect } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";

const settled = new Date(Date.now() - 60 * 60_000);

async function folder(): Promise<{ readonly directory: string; readonly path: string }> {
  const directory = await mkdtemp(join(tmpdir(), "dhi-index-"));
  cleanup(() => rm(directory, { recursive: true, force: true }));
  return { directory, path: join(directory, "index.json") };
}

const entry = (tag: string) => ({ digest: digestOf(tag), size: 1, annotations: { [REF_NAME]: tag } });
const format = (...tags: readonly string[]): string => JSON.stringify({ schemaVersion: 2, manifests: tags.map(entry) });
const tagsOf = ({ entries }: LayoutIndex): readonly (string | undefined)[] => entries.map(tagOf);

// Issue 9: parsing it at each call took seconds for 200,000 entries.
describe("index.json of a layout", () => {
  it("is parsed once for any number of reads", async () => {
    const { directory, path } = await folder();
    await writeFile(path, format("v1", "v2"));
    const layout = new Layout(directory, undefined);
    const first = await layout.readIndex();
    expect(tagsOf(first)).to.deep.equal(["v1", "v2"]);
    for (const index of await Promise.all(Array.from({ length: 20 }, () => layout.readIndex()))) expect(index).to.equal(first);
    // Other file attributes, the same bytes.
    await utimes(path, settled, settled);
    expect(await layout.readIndex()).to.equal(first);
    await writeFile(`${path}-2`, format("v1", "v2"));
    await rename(`${path}-2`, path);
    expect(await layout.readIndex()).to.equal(first);
  });

  it("is read again after another process replaced, wrote or removed it", async () => {
    const { directory, path } = await folder();
    const layout = new Layout(directory, undefined);
    expect(tagsOf(await layout.readIndex())).to.deep.equal([]);
    await writeFile(path, format("v1"));
    expect(tagsOf(await layout.readIndex())).to.deep.equal(["v1"]);
    await writeFile(`${path}-2`, format("v2"));
    await rename(`${path}-2`, path);
    expect(tagsOf(await layout.readIndex())).to.deep.equal(["v2"]);
    await rm(path);
    expect(tagsOf(await layout.readIndex())).to.deep.equal([]);
  });

  it("is read again after an immediate change with the same size and modification time", async () => {
    const { directory, path } = await folder();
    const layout = new Layout(directory, undefined);
    for (let number = 100; number < 300; number += 1) {
      await writeFile(path, format(`v${String(number)}`));
      await utimes(path, settled, settled);
      expect(tagsOf(await layout.readIndex())).to.deep.equal([`v${String(number)}`]);
    }
  });

  it("is not read again when it has not changed for some seconds", async () => {
    const { directory, path } = await folder();
    await writeFile(path, format("v1"));
    const file = await open(path);
    const handles = Object.getPrototypeOf(file) as object;
    const { readFile: read } = handles as { readFile: (...args: unknown[]) => Promise<Buffer> };
    const { now } = Date;
    cleanup(() => Object.assign(handles, { readFile: read }));
    cleanup(() => Object.assign(Date, { now }));
    let reads = 0;
    Object.assign(handles, {
      readFile(this: FileHandle, ...args: unknown[]) {
        reads += 1;
        return read.apply(this, args);
      },
    });
    await file.close();
    const layout = new Layout(directory, undefined);
    const countAt = async (later: number): Promise<number> => {
      Object.assign(Date, { now: () => now() + later });
      for (let time = 0; time < 3; time += 1) expect(tagsOf(await layout.readIndex())).to.deep.equal(["v1"]);
      Object.assign(Date, { now });
      return reads;
    };
    expect(await countAt(0)).to.equal(3);
    expect(await countAt(60_000)).to.equal(4);
    await writeFile(path, format("v2"));
    expect(tagsOf(await layout.readIndex())).to.deep.equal(["v2"]);
  });

  it("is not cached when it is invalid", async () => {
    const { directory, path } = await folder();
    const layout = new Layout(directory, undefined);
    for (const broken of ["{", "[]", '{"manifests":[{}]}', ""]) {
      await writeFile(path, broken);
      for (let time = 0; time < 2; time += 1) await expect(layout.readIndex()).to.be.rejectedWithError({ code: "invalid" });
      await writeFile(path, format("v1"));
      expect(tagsOf(await layout.readIndex())).to.deep.equal(["v1"]);
    }
  });

  it("is cached after a write, and read again after a write of another process", async () => {
    const { directory, path } = await folder();
    const [one, two] = [new Layout(directory, undefined), new Layout(directory, undefined)];
    for (const [number, layout] of [one, two, two, one, one].entries()) {
      await layout.updateIndex((index) => withEntry(index, entry(`v${String(number)}`)));
      const known = await layout.readIndex();
      expect(await layout.readIndex()).to.equal(known);
      expect(known.entries.length).to.equal(number + 1);
    }
    expect(tagsOf(await one.readIndex())).to.deep.equal(["v0", "v1", "v2", "v3", "v4"]);
    expect(tagsOf(await new Layout(directory, undefined).readIndex())).to.deep.equal(["v0", "v1", "v2", "v3", "v4"]);
    await writeFile(path, format("theirs"));
    expect(tagsOf(await one.readIndex())).to.deep.equal(["theirs"]);
  });

  it("is kept when a write fails", async () => {
    const { directory } = await folder();
    const layout = new Layout(directory, undefined);
    await layout.updateIndex((index) => withEntry(index, entry("v1")));
    await expect(layout.updateIndex(() => Promise.reject(new Error("not now")))).to.be.rejectedWithError(/not now/);
    expect(tagsOf(await layout.readIndex())).to.deep.equal(["v1"]);
  });

  it("is named in the error, with a hint, when its path cannot be opened", async () => {
    const { directory, path } = await folder();
    await symlink("index.json", path);
    const circle = {
      name: "DhiError",
      code: "invalid",
      message: /could not read the layout .*index\.json: .*form a loop/,
      hint: /folder/,
    };
    await expect(new Layout(directory, undefined).readIndex()).to.be.rejectedWithError(circle);
    const long = new Layout(join(directory, "x".repeat(300)), undefined);
    const refused = { name: "DhiError", message: /too long/, hint: /folder/ };
    await expect(long.readIndex()).to.be.rejectedWithError(refused);
    await expect(long.statBlob(digestOf("x"))).to.be.rejectedWithError(refused);
    await expect(long.readWhole(digestOf("x"))).to.be.rejectedWithError(refused);
    await expect(long.putBytes(digestOf("x"), Buffer.from("x"))).to.be.rejectedWithError(refused);
    await expect(long.updateIndex((index) => index)).to.be.rejectedWithError(refused);
  });
});
