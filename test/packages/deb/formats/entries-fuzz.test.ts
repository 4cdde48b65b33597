import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { after, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { digestOf } from "../../../../provider/image/digest.js";
import { unpackDeb } from "../../../../provider/packages/deb/formats/deb-file.js";
import type { LayerEntry } from "../../../../provider/rootfs/tree/node.js";
import { arArchive } from "../../../support/archives/ar.js";
import { controlTar } from "../../../support/archives/deb.js";
import { expect } from "../../../support/expectations.js";
import { archive, headerBlock, paxHeader, withData } from "../../../support/tar/archive.js";

const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const numRuns = process.env["DHI_LONG"] === undefined ? 500 : 20_000;

const directory = mkdtempSync(join(tmpdir(), "dhi-entries-"));
after(() => {
  rmSync(directory, { recursive: true });
});

const part = fc.constantFrom("usr", "etc", "x", "y", "x", "y", "..", ".", "", ".wh.x", "a\nb");
const plain = fc.constantFrom("usr", "etc", "x", "y");
const path = fc
  .tuple(fc.constantFrom("./", "./", "./", "", "/"), fc.array(fc.oneof({ weight: 5, arbitrary: plain }, part), { maxLength: 4 }))
  .map(([start, parts]) => start + parts.join("/"));
/** One entry in any of the ways that a tar can say its name. */
const entry = fc
  .record({
    name: path,
    link: path,
    type: fc.constantFrom("0", "0", "0", "5", "5", "5", "2", "2", "1", "1", "3", "4", "6", "7", "D", "\0"),
    data: fc.constantFrom("", "text"),
    way: fc.constantFrom("header", "header", "header", "pax", "long"),
  })
  .map(({ name, link, type, data, way }) => {
    const block = (names: { readonly name: string; readonly link: string }): Buffer =>
      "07\0".includes(type) ? withData({ ...names, type, magic: "gnu" }, data) : headerBlock({ ...names, type, magic: "gnu" });
    switch (way) {
      case "header":
        return block({ name, link });
      case "pax":
        return Buffer.concat([
          paxHeader([
            ["path", name],
            ["linkpath", link],
          ]),
          block({ name: "n", link: "l" }),
        ]);
      case "long":
        return Buffer.concat([
          withData({ name: "././@LongLink", type: "L", magic: "gnu" }, `${name}\0`),
          withData({ name: "././@LongLink", type: "K", magic: "gnu" }, `${link}\0`),
          block({ name: "n", link: "l" }),
        ]);
    }
  });

/** What every package that is not refused keeps. */
function check(entries: readonly LayerEntry[]): void {
  const seen = new Map<string, LayerEntry>();
  for (const found of entries) {
    const parts = found.path === "" ? [] : found.path.split("/");
    for (const one of parts)
      expect(one !== "" && one !== "." && one !== ".." && !one.startsWith(".wh.") && !/\p{Cc}/u.test(one), found.path).to.equal(true);
    for (let at = 1; at < parts.length; at += 1) {
      const above = seen.get(parts.slice(0, at).join("/"));
      expect(
        above === undefined || ("node" in above && above.node.type === "directory"),
        `${found.path} lies below what is no directory`,
      ).to.equal(true);
    }
    if ("link" in found) {
      const target = seen.get(found.link);
      expect(
        target !== undefined && ("link" in target || target.node.type !== "directory"),
        `${found.path} links to ${found.link}`,
      ).to.equal(true);
    } else expect(["file", "directory", "symlink", "fifo"], found.node.type).to.include(found.node.type);
    seen.set(found.path, found);
  }
}

it(`packages of drawn entries keep what is promised, or are refused (seed ${seed})`, async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 5 }), async (blocks) => {
      const deb = arArchive([
        ["debian-binary", Buffer.from("2.0\n")],
        ["control.tar", controlTar({ name: "tool" })],
        ["data.tar", archive(...blocks)],
      ]);
      const file = join(directory, "drawn.deb");
      writeFileSync(file, deb);
      try {
        check((await unpackDeb({ name: "tool", file, digest: digestOf(deb) })).entries);
        taken += 1;
      } catch (thrown) {
        if (!(thrown instanceof DhiError)) throw thrown;
        expect(/\p{Cc}/u.test(thrown.message), inspect(thrown.message)).to.equal(false);
      }
    }),
    { seed, numRuns },
  );
  expect(taken > numRuns / 20 && taken < numRuns, `${taken} of ${numRuns} were taken`).to.equal(true);
});
