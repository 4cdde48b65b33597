import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(__dirname, "../../../test/fuzz");

/** Inputs that reach much of a target's code, found by long runs: `corpus/<target>.json`, each as text, one character a byte. */
export function readCorpus(name: string): readonly Buffer[] {
  return readInputs(join(folder, "corpus", `${name}.json`)).map(({ input }) => input);
}

/** Inputs that failed once: `cases/<target>.json`, by their fault. */
export function readCases(name: string): readonly { readonly what: string; readonly input: Buffer }[] {
  return readInputs(join(folder, "cases", `${name}.json`));
}

function readInputs(file: string): readonly { readonly what: string; readonly input: Buffer }[] {
  if (!existsSync(file)) return [];
  const parsed = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, string>>;
  return Object.entries(parsed).map(([what, text]) => ({ what, input: Buffer.from(text, "latin1") }));
}
