import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { packageFolder, skipWithoutEngine } from "../support/engine/index.js";
import { findProgram } from "../support/registries/index.js";
import { drawPreview } from "./preview-picture.js";
import { runPreview } from "./preview-run.js";

const skip = skipWithoutEngine || (findProgram("crane") === undefined ? "crane is not here" : false);

test(
  "docs/preview.svg shows what pulumi preview prints for the README's program; npm run docs:preview draws it again",
  { skip },
  async () => {
    const drawn = drawPreview(await runPreview());
    assert.deepEqual(drawn.split("\n"), readFileSync(join(packageFolder, "docs", "preview.svg"), "utf8").split("\n"));
  },
);
