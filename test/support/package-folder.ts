import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** This package, which programs import like an installed one. */
export const packageFolder: string = findPackage(__dirname);

function findPackage(from: string): string {
  for (let here = from; ; here = dirname(here)) {
    const file = join(here, "package.json");
    if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "pulumi-dhi") return here;
    if (dirname(here) === here) throw new Error(`no package.json of pulumi-dhi above ${from}`);
  }
}
