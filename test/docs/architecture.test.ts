import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "mocha";
import { packageFolder } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";

const page = readFileSync(join(packageFolder, "docs", "architecture.md"), "utf8");
const families = ["packages/deb/", "packages/apk/"];

/** Folders in the first cells of a table, which starts with a row of these two headings. */
function listed(headings: string, start: number): readonly string[] {
  const [table = ""] = page.slice(page.indexOf(headings, start)).split("\n\n");
  return table.split("\n").flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+\/)`/g)].map(([, room = ""]) => room));
}

/** Folders with files in them, of which a checkout may have more. */
function folders(below: string, root = "provider"): readonly string[] {
  const files = readdirSync(join(packageFolder, root, below), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return [...new Set(files.map((name) => `${dirname(name)}/`))].filter((name) => name !== "./");
}

describe("the page about architecture", () => {
  it("lists every room of the provider, and no other", () => {
    const rooms = listed("| room | holds |", 0);
    const outside = folders("").filter((room) => !families.some((family) => room.startsWith(family) && room !== family));
    expect([...rooms].sort()).to.deep.equal([...outside].sort());
  });

  for (const family of families) {
    it(`lists every inner room of ${family}, and no other`, () => {
      const inner = listed("| room | holds |", page.indexOf("The inner rooms of"));
      expect([...inner].sort()).to.deep.equal([...folders(family)].sort());
    });
  }

  it("lists every room of the command line, and no other", () => {
    expect([...listed("| room of the command line | holds |", 0)].sort()).to.deep.equal([...folders("", "cli")].sort());
  });

  it("names only files of the sdk and the provider that exist", () => {
    const [, places = ""] = page.split("\n## Where does it go\n");
    const files = [...places.matchAll(/`((?:sdk|provider|pipeline|packages|resources|registry|image)\/[\w./-]+\.ts)`/g)].map(
      ([, path = ""]) => path,
    );
    expect(files.length).to.be.above(5);
    const all = ["sdk", "provider"].flatMap((root) =>
      readdirSync(join(packageFolder, root), { recursive: true, encoding: "utf8" }).flatMap((name) => [name, `${root}/${name}`]),
    );
    expect(files.filter((path) => !all.includes(path))).to.deep.equal([]);
  });
});
