import { readCorpus } from "./corpus.js";
import { fuzz } from "./fuzz.js";
import { findTarget } from "./targets.js";

/** Fuzzes a target in a process of its own: `node main.js <target> <options as JSON>`; prints the result as JSON. */
async function main([name = "", options = "{}"]: readonly string[]): Promise<void> {
  const target = findTarget(name);
  const asked = JSON.parse(options) as {
    readonly seed: number;
    readonly runs?: number;
    readonly seconds?: number;
    readonly current?: string;
  };
  const { runs, covered, corpus, finds } = await fuzz(target, { ...asked, corpus: readCorpus(name) });
  const report = { runs, covered, corpus: corpus.map(encode), finds: finds.map(({ fault, input }) => ({ fault, input: encode(input) })) };
  process.stdout.write(JSON.stringify({ ...report, peak: process.resourceUsage().maxRSS * 1024 }));
}

function encode(input: Buffer): string {
  return input.toString("latin1");
}

void main(process.argv.slice(2));
