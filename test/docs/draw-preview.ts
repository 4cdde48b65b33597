/** Writes the picture of a preview to standard output; `npm run docs:preview` runs it. */
import { drawPreview } from "./preview-picture.js";
import { runPreview } from "./preview-run.js";

void runPreview().then((text) => process.stdout.write(drawPreview(text)));
