import { spawnSync } from "node:child_process";
import { chmod, chown, lchown, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import { openCache } from "../../provider/cache/open.js";
import { isPrivateFolder } from "../../provider/cache/owner.js";
import { MARKER, placeCache } from "../../provider/cache/place.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";

const env = { HOME: "/nonexistent" };

async function folder(...names: readonly string[]): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "dhi-place-"));
  cleanup(() => rm(path, { recursive: true, force: true }));
  for (const name of names) await (name.endsWith("/") ? mkdir(join(path, name)) : writeFile(join(path, name), ""));
  return path;
}

it("a cache is placed in a folder that is missing, empty, or has only files of a cache", async () => {
  for (const names of [[], ["blobs/", "temporary/", "layer-indexes-2/", "release-dates/"], ["blobs/", MARKER]]) {
    const directory = await folder(...names);
    expect(placeCache(directory, env)).to.equal(directory);
  }
  expect(placeCache("/nonexistent/cache", env)).to.equal("/nonexistent/cache");
});

it("a cache is placed in a subfolder of one that holds other files, also when it is opened again", async () => {
  for (const name of ["letter.txt", "documents/", ".git/"]) {
    const directory = await folder("blobs/", name);
    const inside = join(directory, "pulumi-dhi");
    expect(placeCache(directory, env)).to.equal(inside);
    await openCache({ directory: inside }).write("layers", "key", Buffer.from("x"));
    expect(placeCache(directory, env)).to.equal(inside);
    expect((await readdir(directory)).toSorted()).to.deep.equal(["blobs", name.replace("/", ""), "pulumi-dhi"].toSorted());
  }
});

it("a cache stays in a marked folder, whatever files were added to it since", async () => {
  const directory = await folder();
  await openCache({ directory }).write("layers", "key", Buffer.from("x"));
  await writeFile(join(directory, "letter.txt"), "dear");
  expect(placeCache(directory, env)).to.equal(directory);
});

it("a cache is not placed in a folder with another program's marker", async () => {
  const directory = await folder();
  await writeFile(join(directory, MARKER), "Signature: 8a477f597d28d172789f06886806bc55\n# of a browser\n");
  expect(placeCache(directory, env)).to.equal(join(directory, "pulumi-dhi"));
});

it("a cache is rejected where the subfolder holds other files too", async () => {
  const directory = await folder("pulumi-dhi/", "pulumi-dhi/package.json");
  expect(() => placeCache(directory, env)).to.throwError({ code: "conflict", hint: /dhi:cacheDirectory/ });
});

it("a cache is placed in the default folder whatever it holds, since its name belongs to pulumi-dhi", async () => {
  const home = await folder("pulumi-dhi/", "pulumi-dhi/tools");
  const usual = { XDG_CACHE_HOME: home };
  expect(placeCache(undefined, usual)).to.equal(join(home, "pulumi-dhi"));
  expect(placeCache(home, usual)).to.equal(join(home, "pulumi-dhi"));
});

it("a cache rejects a folder that others can write to", async () => {
  for (const mode of [0o777, 0o770, 0o720, 0o702]) {
    const directory = await folder();
    await chmod(directory, mode);
    const refused = { code: "conflict", message: /others can write to the cache .* mode 07/, hint: /dhi:cacheDirectory/ };
    await expect(openCache({ directory }).write("layers", "key", Buffer.from("x"))).to.be.rejectedWithError(refused);
    await expect(openCache({ directory }).read("layers", "key")).to.be.rejectedWithError(refused);
    await expect(openCache({ directory }).evict()).to.be.rejectedWithError(refused);
    expect(await readdir(directory)).to.deep.equal([]);
  }
  const readable = await folder();
  await chmod(readable, 0o755);
  await openCache({ directory: readable }).write("layers", "key", Buffer.from("x"));
});

it(
  "a cache rejects another user's folder, and tells root what to do",
  testUnless(process.getuid?.() !== 0 && "needs root", async () => {
    const directory = await folder();
    await chown(directory, 4242, 4242);
    const refused = { code: "conflict", message: /belongs to the user 4242, and this process runs as the user 0/, hint: /sudo -H/ };
    await expect(openCache({ directory }).read("layers", "key")).to.be.rejectedWithError(refused);
    await expect(openCache({ directory }).create("layers")).to.be.rejectedWithError(refused);
    expect(await readdir(directory)).to.deep.equal([]);
  }),
);

// Issue 9: an empty folder that others can write to was rejected instead of getting a subfolder.
it("a cache is placed in a private subfolder of one that others can write to", async () => {
  for (const mode of [0o777, 0o1777, 0o770, 0o722]) {
    const directory = await folder();
    await chmod(directory, mode);
    const inside = join(directory, "pulumi-dhi");
    expect(placeCache(directory, env)).to.equal(inside);
    await openCache({ directory: inside }).write("layers", "key", Buffer.from("x"));
    expect((await stat(inside)).mode & 0o7777).to.equal(0o700);
    expect(placeCache(directory, env)).to.equal(inside);
    expect(await readdir(directory)).to.deep.equal(["pulumi-dhi"]);
  }
});

it("a cache is placed in a private subfolder of another user's folder", async () => {
  const directory = await folder();
  const { uid } = await stat(directory);
  expect(placeCache(directory, env, uid + 1)).to.equal(join(directory, "pulumi-dhi"));
  expect(placeCache(directory, env, uid)).to.equal(directory);
  expect(placeCache(directory, env, undefined)).to.equal(directory);
});

it("a cache is not placed at a link in a folder that others can write to, whoever made it", async () => {
  const [directory, documents] = [await folder(), await folder()];
  await symlink(documents, join(directory, "pulumi-dhi"));
  await writeFile(join(directory, "letter.txt"), "dear");
  expect(placeCache(directory, env)).to.equal(join(directory, "pulumi-dhi"));
  await chmod(directory, 0o777);
  expect(() => placeCache(directory, env)).to.throwError({
    code: "conflict",
    message: /a symbolic link in a folder that others can write to/,
    hint: /dhi:cacheDirectory/,
  });
});

it(
  "a cache rejects a link or a folder that another user put in its place",
  testUnless(process.getuid?.() !== 0 && "needs root", async () => {
    const [directory, documents] = [await folder(), await folder()];
    await chmod(directory, 0o777);
    const inside = placeCache(directory, env);
    const cache = openCache({ directory: inside });
    await cache.write("layers", "key", Buffer.from("x"));
    await rename(inside, `${inside}-away`);
    await symlink(documents, inside);
    await lchown(inside, 4242, 4242);
    const refused = { code: "conflict", message: /belongs to the user 4242/, hint: /dhi:cacheDirectory/ };
    await expect(cache.read("layers", "key")).to.be.rejectedWithError(refused);
    await expect(cache.write("layers", "key", Buffer.from("x"))).to.be.rejectedWithError(refused);
    expect(await readdir(documents)).to.deep.equal([]);
    await rm(inside);
    await mkdir(inside, { mode: 0o777 });
    await chown(inside, 4242, 4242);
    expect(placeCache(directory, env)).to.equal(inside);
    await expect(cache.read("layers", "key")).to.be.rejectedWithError(refused);
    await expect(cache.write("layers", "key", Buffer.from("x"))).to.be.rejectedWithError(refused);
    expect(await readdir(inside)).to.deep.equal([]);
  }),
);

it("a cache is not placed at a file", async () => {
  const directory = await folder("file");
  const file = join(directory, "file");
  expect(() => placeCache(file, env)).to.throwError({ code: "conflict", message: /is not a folder/, hint: /dhi:cacheDirectory/ });
  await expect(openCache({ directory: file }).read("layers", "key")).to.be.rejectedWithError({
    code: "conflict",
    message: /is not a folder/,
  });
});

// Issue 9: system errors came out raw.
it("a cache names the folder and the way out where its path cannot be resolved", async () => {
  const directory = await folder();
  const circle = join(directory, "circle");
  await symlink("circle", circle);
  const paths = { "links form a loop": circle, "is too long": join(directory, "x".repeat(300)) };
  for (const [reason, path] of Object.entries(paths)) {
    const refused = {
      name: "DhiError",
      code: "invalid",
      message: new RegExp(`could not read the cache ${path}.*${reason}`),
      hint: /dhi:cacheDirectory/,
    };
    expect(() => placeCache(path, env)).to.throwError(refused);
    for (const work of [openCache({ directory: path }).read("layers", "key"), openCache({ directory: path }).create("layers")]) {
      await expect(work).to.be.rejectedWithError({ name: "DhiError", message: new RegExp(reason), hint: /dhi:cacheDirectory/ });
    }
  }
});

/** Runs `script` as a user without privileges; it gets the modules of the cache and `path`. */
function asUser(script: string, path: string): unknown {
  const head = `const [, modules, path] = process.argv;
    const { placeCache } = require(modules + "/place.js"), { openCache } = require(modules + "/open.js");
    process.setgroups?.([]); process.setgid?.(4242); process.setuid?.(4242);
    const report = ({ name, code, message, hint }) => console.log(JSON.stringify({ name, code, message, hint }));
    const run = async () => { ${script} };
    run().then(() => report({ name: "none" }), report);`;
  const modules = join(__dirname, "../../provider/cache");
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", head, modules, path], { encoding: "utf8", timeout: 60_000 });
  expect(stderr).to.equal("");
  return JSON.parse(stdout);
}

const scripts: Readonly<Record<string, string>> = {
  "is placed in an unreadable folder": `placeCache(path + "/closed/cache", {})`,
  "is placed at an unreadable folder": `placeCache(path + "/closed", {})`,
  "is read in an unreadable folder": `await openCache({ directory: path + "/closed/cache" }).read("layers", "key")`,
  "is written in an unreadable folder": `await openCache({ directory: path + "/closed/cache" }).create("layers")`,
  "cannot be listed": `placeCache(path + "/hidden", {})`,
  "has an unreadable marker": `placeCache(path + "/marked", {})`,
  "has an unreadable subfolder": `await openCache({ directory: path + "/own" }).read("layers", "key")`,
  "has an unreadable file": `await openCache({ directory: path + "/files" }).read("layers", "key")`,
  "cannot be trimmed": `await openCache({ directory: path + "/own", maximumBytes: 0 }).evict()`,
};
for (const [what, script] of Object.entries(scripts)) {
  it(
    `a cache names the folder and the way out where it ${what}`,
    testUnless(process.getuid?.() !== 0 && "needs root", async () => {
      const path = await folder("closed/", "hidden/", "marked/", "own/", "files/", `marked/${MARKER}`);
      await chmod(path, 0o755);
      await writeFile(join(path, "marked", MARKER), "Signature: 8a477f597d28d172789f06886806bc55\n");
      await openCache({ directory: join(path, "own") }).write("layers", "key", Buffer.from("x"));
      await openCache({ directory: join(path, "files") }).write("layers", "key", Buffer.from("x"));
      for (const name of ["hidden", "own", "files", "files/layers", "files/layers/ke"]) await chown(join(path, name), 4242, 4242);
      for (const name of ["closed", `marked/${MARKER}`]) await chmod(join(path, name), 0o700);
      for (const name of ["hidden", "own/layers"]) await chmod(join(path, name), 0o300);
      const error = asUser(script, path) as Readonly<Record<"name" | "code" | "message" | "hint", string>>;
      expect(error.name, error.message).to.equal("DhiError");
      expect(error.code).to.match(/^(conflict|unavailable)$/);
      expect(error.message, error.message).to.include(path);
      expect(error.message).to.match(/permission denied/);
      expect(error.hint).to.match(/dhi:cacheDirectory/);
    }),
  );
}

it("a cache rejects a folder of root for another user", async () => {
  const directory = await folder();
  const { uid } = await stat(directory);
  await expect(isPrivateFolder(directory, uid + 1)).to.be.rejectedWithError({ code: "conflict", hint: /chown/ });
  expect(await isPrivateFolder(directory, undefined)).to.equal(true);
  expect(await isPrivateFolder(join(directory, "missing"), uid)).to.equal(false);
});
