import { strict as assert } from "node:assert";
import { mkdtemp, open, rename, rm, symlink, utimes, writeFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { digestOf } from "../../../provider/image/digest.js";
import { REF_NAME, tagOf, withEntry, type LayoutIndex } from "../../../provider/registry/layout/layout-index.js";
import { Layout } from "../../../provider/registry/layout/layout.js";

const settled = new Date(Date.now() - 60 * 60_000);

async function folder(t: TestContext): Promise<{ readonly directory: string; readonly path: string }> {
  const directory = await mkdtemp(join(tmpdir(), "dhi-index-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return { directory, path: join(directory, "index.json") };
}

const entry = (tag: string) => ({ digest: digestOf(tag), size: 1, annotations: { [REF_NAME]: tag } });
const format = (...tags: readonly string[]): string => JSON.stringify({ schemaVersion: 2, manifests: tags.map(entry) });
const tagsOf = ({ entries }: LayoutIndex): readonly (string | undefined)[] => entries.map(tagOf);

// Issue 9: it was parsed at each call, which took seconds for 200,000 entries.
describe("index.json of a layout", () => {
  it("is parsed once, however often and by however many it is asked for", async (t) => {
    const { directory, path } = await folder(t);
    await writeFile(path, format("v1", "v2"));
    const layout = new Layout(directory, undefined);
    const first = await layout.readIndex();
    assert.deepEqual(tagsOf(first), ["v1", "v2"]);
    for (const index of await Promise.all(Array.from({ length: 20 }, () => layout.readIndex()))) assert.equal(index, first);
    // Another state of the file, the same bytes.
    await utimes(path, settled, settled);
    assert.equal(await layout.readIndex(), first);
    await writeFile(`${path}-2`, format("v1", "v2"));
    await rename(`${path}-2`, path);
    assert.equal(await layout.readIndex(), first);
  });

  it("is read again where another process has replaced it, written into it, or removed it", async (t) => {
    const { directory, path } = await folder(t);
    const layout = new Layout(directory, undefined);
    assert.deepEqual(tagsOf(await layout.readIndex()), []);
    await writeFile(path, format("v1"));
    assert.deepEqual(tagsOf(await layout.readIndex()), ["v1"]);
    await writeFile(`${path}-2`, format("v2"));
    await rename(`${path}-2`, path);
    assert.deepEqual(tagsOf(await layout.readIndex()), ["v2"]);
    await rm(path);
    assert.deepEqual(tagsOf(await layout.readIndex()), []);
  });

  it("is read again where it changed at once, with the same size and the same time of change", async (t) => {
    const { directory, path } = await folder(t);
    const layout = new Layout(directory, undefined);
    for (let number = 100; number < 300; number += 1) {
      await writeFile(path, format(`v${String(number)}`));
      await utimes(path, settled, settled);
      assert.deepEqual(tagsOf(await layout.readIndex()), [`v${String(number)}`]);
    }
  });

  it("is not even read once it has stayed as it is for some seconds", async (t) => {
    const { directory, path } = await folder(t);
    await writeFile(path, format("v1"));
    const file = await open(path);
    const reads = t.mock.method(Object.getPrototypeOf(file) as FileHandle, "readFile").mock;
    await file.close();
    const layout = new Layout(directory, undefined);
    const countAt = async (later: number): Promise<number> => {
      t.mock.timers.enable({ apis: ["Date"], now: Date.now() + later });
      for (let time = 0; time < 3; time += 1) assert.deepEqual(tagsOf(await layout.readIndex()), ["v1"]);
      t.mock.timers.reset();
      return reads.callCount();
    };
    assert.equal(await countAt(0), 3);
    assert.equal(await countAt(60_000), 4);
    await writeFile(path, format("v2"));
    assert.deepEqual(tagsOf(await layout.readIndex()), ["v2"]);
  });

  it("is not remembered where it cannot be read", async (t) => {
    const { directory, path } = await folder(t);
    const layout = new Layout(directory, undefined);
    for (const broken of ["{", "[]", '{"manifests":[{}]}', ""]) {
      await writeFile(path, broken);
      for (let time = 0; time < 2; time += 1) await assert.rejects(layout.readIndex(), { code: "invalid" });
      await writeFile(path, format("v1"));
      assert.deepEqual(tagsOf(await layout.readIndex()), ["v1"]);
    }
  });

  it("is known after our own write, and another process's after that", async (t) => {
    const { directory, path } = await folder(t);
    const [one, two] = [new Layout(directory, undefined), new Layout(directory, undefined)];
    for (const [number, layout] of [one, two, two, one, one].entries()) {
      await layout.updateIndex((index) => withEntry(index, entry(`v${String(number)}`)));
      const known = await layout.readIndex();
      assert.equal(await layout.readIndex(), known);
      assert.equal(known.entries.length, number + 1);
    }
    assert.deepEqual(tagsOf(await one.readIndex()), ["v0", "v1", "v2", "v3", "v4"]);
    assert.deepEqual(tagsOf(await new Layout(directory, undefined).readIndex()), ["v0", "v1", "v2", "v3", "v4"]);
    await writeFile(path, format("theirs"));
    assert.deepEqual(tagsOf(await one.readIndex()), ["theirs"]);
  });

  it("is not lost to a write that fails", async (t) => {
    const { directory } = await folder(t);
    const layout = new Layout(directory, undefined);
    await layout.updateIndex((index) => withEntry(index, entry("v1")));
    await assert.rejects(
      layout.updateIndex(() => Promise.reject(new Error("not now"))),
      /not now/,
    );
    assert.deepEqual(tagsOf(await layout.readIndex()), ["v1"]);
  });

  it("names the file and the way out where its path cannot be followed", async (t) => {
    const { directory, path } = await folder(t);
    await symlink("index.json", path);
    const circle = {
      name: "DhiError",
      code: "invalid",
      message: /could not read the layout .*index\.json: .*form a loop/,
      hint: /folder/,
    };
    await assert.rejects(new Layout(directory, undefined).readIndex(), circle);
    const long = new Layout(join(directory, "x".repeat(300)), undefined);
    const refused = { name: "DhiError", message: /too long/, hint: /folder/ };
    await assert.rejects(long.readIndex(), refused);
    await assert.rejects(long.statBlob(digestOf("x")), refused);
    await assert.rejects(long.readWhole(digestOf("x")), refused);
    await assert.rejects(long.putBytes(digestOf("x"), Buffer.from("x")), refused);
    await assert.rejects(
      long.updateIndex((index) => index),
      refused,
    );
  });
});
