import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { chmod, chown, lchown, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
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

// Issue 9: an empty folder that others may write to was refused instead of getting a folder of ours.
it("is a private folder within one that others may write to", async (t) => {
  for (const mode of [0o777, 0o1777, 0o770, 0o722]) {
    const directory = await folder(t);
    await chmod(directory, mode);
    const inside = join(directory, "pulumi-dhi");
    assert.equal(placeCache(directory, env), inside);
    await openCache({ directory: inside }).write("layers", "key", Buffer.from("x"));
    assert.equal((await stat(inside)).mode & 0o7777, 0o700);
    assert.equal(placeCache(directory, env), inside);
    assert.deepEqual(await readdir(directory), ["pulumi-dhi"]);
  }
});

it("is a private folder within another user's", async (t) => {
  const directory = await folder(t);
  const { uid } = await stat(directory);
  assert.equal(placeCache(directory, env, uid + 1), join(directory, "pulumi-dhi"));
  assert.equal(placeCache(directory, env, uid), directory);
  assert.equal(placeCache(directory, env, undefined), directory);
});

it("is not a link within a folder that others may write to, whoever made it", async (t) => {
  const [directory, documents] = [await folder(t), await folder(t)];
  await symlink(documents, join(directory, "pulumi-dhi"));
  await writeFile(join(directory, "letter.txt"), "dear");
  assert.equal(placeCache(directory, env), join(directory, "pulumi-dhi"));
  await chmod(directory, 0o777);
  assert.throws(() => placeCache(directory, env), {
    code: "conflict",
    message: /a symbolic link in a folder that others may write to/,
    hint: /dhi:cacheDirectory/,
  });
});

it("refuses a link, or a folder, that another user put in its place", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const [directory, documents] = [await folder(t), await folder(t)];
  await chmod(directory, 0o777);
  const inside = placeCache(directory, env);
  const cache = openCache({ directory: inside });
  await cache.write("layers", "key", Buffer.from("x"));
  await rename(inside, `${inside}-away`);
  await symlink(documents, inside);
  await lchown(inside, 4242, 4242);
  const refused = { code: "conflict", message: /belongs to the user 4242/, hint: /dhi:cacheDirectory/ };
  await assert.rejects(cache.read("layers", "key"), refused);
  await assert.rejects(cache.write("layers", "key", Buffer.from("x")), refused);
  assert.deepEqual(await readdir(documents), []);
  await rm(inside);
  await mkdir(inside, { mode: 0o777 });
  await chown(inside, 4242, 4242);
  assert.equal(placeCache(directory, env), inside);
  await assert.rejects(cache.read("layers", "key"), refused);
  await assert.rejects(cache.write("layers", "key", Buffer.from("x")), refused);
  assert.deepEqual(await readdir(inside), []);
});

it("is not a file", async (t) => {
  const directory = await folder(t, "file");
  const file = join(directory, "file");
  assert.throws(() => placeCache(file, env), { code: "conflict", message: /is not a folder/, hint: /dhi:cacheDirectory/ });
  await assert.rejects(openCache({ directory: file }).read("layers", "key"), { code: "conflict", message: /is not a folder/ });
});

// Issue 9: what the system refused came out as its raw error.
it("names the folder and the way out where its path cannot be followed", async (t) => {
  const directory = await folder(t);
  const circle = join(directory, "circle");
  await symlink("circle", circle);
  const paths = { "links lead in a circle": circle, "is too long": join(directory, "x".repeat(300)) };
  for (const [reason, path] of Object.entries(paths)) {
    const refused = {
      name: "DhiError",
      code: "invalid",
      message: new RegExp(`could not read the cache ${path}.*${reason}`),
      hint: /dhi:cacheDirectory/,
    };
    assert.throws(() => placeCache(path, env), refused);
    for (const work of [openCache({ directory: path }).read("layers", "key"), openCache({ directory: path }).create("layers")]) {
      await assert.rejects(work, { name: "DhiError", message: new RegExp(reason), hint: /dhi:cacheDirectory/ });
    }
  }
});

/** Runs `script` as a user without rights; it gets the modules of the cache and `path`. */
function asUser(script: string, path: string): unknown {
  const head = `const [, modules, path] = process.argv;
    const { placeCache } = require(modules + "/place.js"), { openCache } = require(modules + "/open.js");
    process.setgroups?.([]); process.setgid?.(4242); process.setuid?.(4242);
    const told = ({ name, code, message, hint }) => console.log(JSON.stringify({ name, code, message, hint }));
    const run = async () => { ${script} };
    run().then(() => told({ name: "none" }), told);`;
  const modules = join(__dirname, "../../provider/cache");
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", head, modules, path], { encoding: "utf8", timeout: 60_000 });
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const scripts: Readonly<Record<string, string>> = {
  "is placed in one that may not be looked into": `placeCache(path + "/closed/cache", {})`,
  "is placed at one that may not be looked into": `placeCache(path + "/closed", {})`,
  "is read in one that may not be looked into": `await openCache({ directory: path + "/closed/cache" }).read("layers", "key")`,
  "is written in one that may not be looked into": `await openCache({ directory: path + "/closed/cache" }).create("layers")`,
  "may not be listed": `placeCache(path + "/hidden", {})`,
  "has a marker that may not be read": `placeCache(path + "/marked", {})`,
  "has a folder that may not be looked into": `await openCache({ directory: path + "/own" }).read("layers", "key")`,
  "has a file that may not be read": `await openCache({ directory: path + "/files" }).read("layers", "key")`,
  "may not be trimmed": `await openCache({ directory: path + "/own", maximumBytes: 0 }).evict()`,
};
for (const [what, script] of Object.entries(scripts)) {
  it(`names the folder and the way out where it ${what}`, { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
    const path = await folder(t, "closed/", "hidden/", "marked/", "own/", "files/", `marked/${MARKER}`);
    await chmod(path, 0o755);
    await writeFile(join(path, "marked", MARKER), "Signature: 8a477f597d28d172789f06886806bc55\n");
    await openCache({ directory: join(path, "own") }).write("layers", "key", Buffer.from("x"));
    await openCache({ directory: join(path, "files") }).write("layers", "key", Buffer.from("x"));
    for (const name of ["hidden", "own", "files", "files/layers", "files/layers/ke"]) await chown(join(path, name), 4242, 4242);
    for (const name of ["closed", `marked/${MARKER}`]) await chmod(join(path, name), 0o700);
    for (const name of ["hidden", "own/layers"]) await chmod(join(path, name), 0o300);
    const error = asUser(script, path) as Readonly<Record<"name" | "code" | "message" | "hint", string>>;
    assert.equal(error.name, "DhiError", error.message);
    assert.match(error.code, /^(conflict|unavailable)$/);
    assert.ok(error.message.includes(path), error.message);
    assert.match(error.message, /permission denied/);
    assert.match(error.hint, /dhi:cacheDirectory/);
  });
}

it("refuses a folder of root's to a user", async (t) => {
  const directory = await folder(t);
  const { uid } = await stat(directory);
  await assert.rejects(isPrivateFolder(directory, uid + 1), { code: "conflict", hint: /chown/ });
  assert.equal(await isPrivateFolder(directory, undefined), true);
  assert.equal(await isPrivateFolder(join(directory, "missing"), uid), false);
});
