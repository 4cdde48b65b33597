import { strict as assert } from "node:assert";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { openCache } from "../../provider/cache/open.js";
import { isPrivateFolder } from "../../provider/cache/owner.js";
import { MARKER, placeCache } from "../../provider/cache/place.js";

const env = { HOME: "/nonexistent" };

async function folder(t: TestContext, ...names: readonly string[]): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-place-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  for (const name of names) await (name.endsWith("/") ? mkdir(join(path, name)) : writeFile(join(path, name), ""));
  return path;
}

it("is a folder that is missing, empty, or has nothing but what a cache has", async (t) => {
  for (const names of [[], ["blobs/", "temporary/", "layer-indexes-2/", "release-dates/"], ["blobs/", MARKER]]) {
    const directory = await folder(t, ...names);
    assert.equal(placeCache(directory, env), directory);
  }
  assert.equal(placeCache("/nonexistent/cache", env), "/nonexistent/cache");
});

it("is a folder within one that holds other things, also when it is opened again", async (t) => {
  for (const name of ["letter.txt", "documents/", ".git/"]) {
    const directory = await folder(t, "blobs/", name);
    const inside = join(directory, "pulumi-dhi");
    assert.equal(placeCache(directory, env), inside);
    await openCache({ directory: inside }).write("layers", "key", Buffer.from("x"));
    assert.equal(placeCache(directory, env), inside);
    assert.deepEqual((await readdir(directory)).toSorted(), ["blobs", name.replace("/", ""), "pulumi-dhi"].toSorted());
  }
});

it("stays a folder that is marked, whatever came into it since", async (t) => {
  const directory = await folder(t);
  await openCache({ directory }).write("layers", "key", Buffer.from("x"));
  await writeFile(join(directory, "letter.txt"), "dear");
  assert.equal(placeCache(directory, env), directory);
});

it("is not a folder with somebody else's marker", async (t) => {
  const directory = await folder(t);
  await writeFile(join(directory, MARKER), "Signature: 8a477f597d28d172789f06886806bc55\n# of a browser\n");
  assert.equal(placeCache(directory, env), join(directory, "pulumi-dhi"));
});

it("is refused where the folder within holds other things too", async (t) => {
  const directory = await folder(t, "pulumi-dhi/", "pulumi-dhi/package.json");
  assert.throws(() => placeCache(directory, env), { code: "conflict", hint: /dhi:cacheDirectory/ });
});

it("is the default folder whatever it holds, which is ours by its name", async (t) => {
  const home = await folder(t, "pulumi-dhi/", "pulumi-dhi/tools");
  const usual = { XDG_CACHE_HOME: home };
  assert.equal(placeCache(undefined, usual), join(home, "pulumi-dhi"));
  assert.equal(placeCache(home, usual), join(home, "pulumi-dhi"));
});

it("refuses a folder that others may write to", async (t) => {
  for (const mode of [0o777, 0o770, 0o720, 0o702]) {
    const directory = await folder(t);
    await chmod(directory, mode);
    const refused = { code: "conflict", message: /others may write to the cache .* mode 07/, hint: /dhi:cacheDirectory/ };
    await assert.rejects(openCache({ directory }).write("layers", "key", Buffer.from("x")), refused);
    await assert.rejects(openCache({ directory }).read("layers", "key"), refused);
    await assert.rejects(openCache({ directory }).evict(), refused);
    assert.deepEqual(await readdir(directory), []);
  }
  const readable = await folder(t);
  await chmod(readable, 0o755);
  await openCache({ directory: readable }).write("layers", "key", Buffer.from("x"));
});

it("refuses another user's folder, and tells root how to go on", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const directory = await folder(t);
  await chown(directory, 4242, 4242);
  const refused = { code: "conflict", message: /belongs to the user 4242, and this process runs as the user 0/, hint: /sudo -H/ };
  await assert.rejects(openCache({ directory }).read("layers", "key"), refused);
  await assert.rejects(openCache({ directory }).create("layers"), refused);
  assert.deepEqual(await readdir(directory), []);
});

it("refuses a folder of root's to a user", async (t) => {
  const directory = await folder(t);
  const { uid } = await stat(directory);
  await assert.rejects(isPrivateFolder(directory, uid + 1), { code: "conflict", hint: /chown/ });
  assert.equal(await isPrivateFolder(directory, undefined), true);
  assert.equal(await isPrivateFolder(join(directory, "missing"), uid), false);
});
