import { it } from "mocha";
import { parsePackage } from "../../../../provider/packages/declared.js";
import { formatDependency } from "../../../../provider/packages/apk/formats/dependency.js";
import { changeWorld, formatWorld, parseWorld, readRequest } from "../../../../provider/packages/apk/resolve/world.js";
import { expect } from "../../../support/expectations.js";

const wanted = (text: string): string => formatDependency(readRequest({ ...parsePackage(text), property: "packages[0]" }));

it("a request is written to world as apk writes it", () => {
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
    expect(wanted(text)).to.equal(text);
  }
});

it("an invalid request is rejected with its property", () => {
  for (const text of ["git==1", "git~", "git@", "!git=1", "!git@edge", "git 1", "git>1", "=1", "git=1 b", "git\n"]) {
    expect(() => parsePackage(text), text).to.throwError({ code: "invalid" });
  }
  expect(() => readRequest({ name: "git", version: "1.0-beta", property: "packages[3]" })).to.throwError({
    code: "invalid",
    property: "packages[3]",
  });
});

it("world is read and written line by line", () => {
  const text = "!bad\nBusybox\nbusybox=1.36-r1\nfoo@edge>=2\n";
  expect(formatWorld(parseWorld(text))).to.equal(text);
  expect(parseWorld(" a  b\n\n")).to.deep.equal(parseWorld("a\nb"));
  expect(() => parseWorld("a>\n")).to.throwError({ code: "invalid", message: /etc\/apk\/world/ });
});

it("a name is in world once, sorted without regard to case", () => {
  const changed = changeWorld(parseWorld("zlib\nb\nB\na>1"), parseWorld("a C !zlib"));
  expect(formatWorld(changed)).to.equal("a\nB\nb\nC\n!zlib\n");
});
