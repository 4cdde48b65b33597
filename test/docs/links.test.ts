import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { packageFolder } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";

const pages = [
  ...readdirSync(packageFolder).filter((name) => name.endsWith(".md")),
  ...["docs", "examples"].flatMap((folder) =>
    readdirSync(join(packageFolder, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
      .map((name) => join(folder, name)),
  ),
];

/** Without code, which has brackets of its own. */
function prose(page: string): string {
  const text = readFileSync(join(packageFolder, page), "utf8");
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, "");
}

/** Targets of links and images that are not URLs: the page and the anchor that each names. */
function relativeLinks(page: string): readonly { readonly target: string; readonly anchor: string | undefined }[] {
  return [...prose(page).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path = "", anchor]) => ({
    target: path === "" ? page : join(page, "..", path),
    anchor,
  }));
}

/** As GitHub makes them of headings: lower case, without punctuation, with dashes for spaces. */
function anchors(page: string): readonly string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the documents", () => {
  for (const page of pages) {
    it(`have no broken links: ${page}`, () => {
      const broken = relativeLinks(page).filter(
        ({ target, anchor }) => !existsSync(join(packageFolder, target)) || (anchor !== undefined && !anchors(target).includes(anchor)),
      );
      expect(broken).to.deep.equal([]);
    });
  }

  it("can all be reached from the README", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached) {
      for (const { target } of relativeLinks(page)) if (pages.includes(target)) reached.add(target);
    }
    expect(pages.filter((page) => !reached.has(page))).to.deep.equal([]);
  });
});
