import { strict as assert } from "node:assert";
import { test } from "node:test";
import { parsePackage } from "../../../../provider/packages/declared.js";
import { formatDependency } from "../../../../provider/packages/apk/formats/dependency.js";
import { changeWorld, formatWorld, parseWorld, readRequest } from "../../../../provider/packages/apk/resolve/world.js";

const wanted = (text: string): string => formatDependency(readRequest({ ...parsePackage(text), property: "packages[0]" }));

test("a request is written to world as apk writes it", () => {
  for (const text of [
    "git",
    "git=2.43.4-r0",
    "git~2.43",
    "git@edge",
    "git@edge=2.43.4-r0",
    "git@edge~2",
    "!git",
    "so:libz.so.1",
    "cmd:sh",
    "GraphicsMagick",
  ]) {
    assert.equal(wanted(text), text);
  }
});

test("an invalid request is rejected with its property", () => {
  for (const text of ["git==1", "git~", "git@", "!git=1", "!git@edge", "git 1", "git>1", "=1", "git=1 b", "git\n"]) {
    assert.throws(() => parsePackage(text), { code: "invalid" }, text);
  }
  assert.throws(() => readRequest({ name: "git", version: "1.0-beta", property: "packages[3]" }), {
    code: "invalid",
    property: "packages[3]",
  });
});

test("world is read and written line by line", () => {
  const text = "!bad\nBusybox\nbusybox=1.36-r1\nfoo@edge>=2\n";
  assert.equal(formatWorld(parseWorld(text)), text);
  assert.deepEqual(parseWorld(" a  b\n\n"), parseWorld("a\nb"));
  assert.throws(() => parseWorld("a>\n"), { code: "invalid", message: /etc\/apk\/world/ });
});

test("a name is in world once, sorted without regard to case", () => {
  const changed = changeWorld(parseWorld("zlib\nb\nB\na>1"), parseWorld("a C !zlib"));
  assert.equal(formatWorld(changed), "a\nB\nb\nC\n!zlib\n");
});
