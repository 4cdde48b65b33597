// As in a provider process, which loads it first.
import "@pulumi/pulumi";
import { benchSession, customize } from "./customize.js";
import type { ValueMap } from "../provider/values.js";

/** One customization in a process of its own: `node child.js <cache> <project> <inputs as JSON>`. */
const [cache = "", project = "", inputs = "{}"] = process.argv.slice(2);
void customize(benchSession(cache, project), JSON.parse(inputs) as ValueMap).then(
  () => {
    process.exit(0);
  },
  (thrown: unknown) => {
    process.stderr.write(String(thrown));
    process.exit(1);
  },
);
