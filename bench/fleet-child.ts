// As in a provider process, which loads it first.
import "@pulumi/pulumi";
import { readFileSync, writeFileSync } from "node:fs";
import { mapParallel } from "../provider/async/parallel.js";
import type { ValueMap } from "../provider/values.js";
import { benchSession, check, create, update } from "./customize.js";

/** Engine's default `--parallel` on four cores. */
const jobs = 16;

/** What a process did for a stack. */
export interface FleetTimes {
  /** Milliseconds for all checks, which the engine calls one after another. */
  readonly check: number;
  /** Milliseconds for all creates and updates, which it calls together. */
  readonly create: number;
  /** Milliseconds of processor time for both, on all cores together. */
  readonly cpu: number;
}

/**
 * Checks all customizations of a stack in one process, and creates those without outputs and updates those that change:
 * `node fleet-child.js <cache> <project> <file> [preview]`. The file has `{ images: { inputs, olds? }[] }`, and gets the outputs as `olds`; with
 * `preview` nothing is published. Prints `FleetTimes`.
 */
async function main([cache = "", project = "", file = "", mode = "up"]: readonly string[]): Promise<void> {
  const { images } = JSON.parse(readFileSync(file, "utf8")) as { readonly images: readonly { inputs: ValueMap; olds?: ValueMap }[] };
  const session = benchSession(cache, project);
  const started = performance.now();
  const before = process.cpuUsage();
  const wanted: ValueMap[] = [];
  for (const { inputs, olds = {} } of images) wanted.push(await check(session, olds, inputs));
  const checked = performance.now();
  const finish = (olds: ValueMap | undefined, checked: ValueMap = {}): Promise<ValueMap> =>
    olds === undefined ? create(session, checked) : update(session, olds, checked);
  const outputs = mode === "preview" ? [] : await mapParallel(images, jobs, ({ olds }, at) => finish(olds, wanted[at]));
  const ended = performance.now();
  const { user, system } = process.cpuUsage(before);
  if (mode !== "preview") writeFileSync(file, JSON.stringify({ images: images.map(({ inputs }, at) => ({ inputs, olds: outputs[at] })) }));
  const times: FleetTimes = { check: checked - started, create: ended - checked, cpu: (user + system) / 1000 };
  process.stdout.write(JSON.stringify(times));
}

void main(process.argv.slice(2)).then(
  () => process.exit(0),
  (thrown: unknown) => {
    process.stderr.write(String(thrown));
    process.exit(1);
  },
);
