import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "mocha";
import { packageFolder, skipWithoutEngine } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { findProgram } from "../support/registries/index.js";
import { testUnless } from "../support/skips.js";
import { drawPreview } from "./preview-picture.js";
import { runPreview } from "./preview-run.js";

const skip = skipWithoutEngine || (findProgram("crane") === undefined ? "crane is not here" : false);

it(
  "docs/preview.svg shows what pulumi preview prints for the README's program; npm run docs:preview draws it again",
  testUnless(skip, async () => {
    const drawn = drawPreview(await runPreview());
    expect(drawn.split("\n")).to.deep.equal(readFileSync(join(packageFolder, "docs", "preview.svg"), "utf8").split("\n"));
  }),
);
