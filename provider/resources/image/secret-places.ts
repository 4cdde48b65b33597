import { configTable } from "../../image/config-table.js";
import type { ImageKind } from "../../pipeline/spec/image-spec.js";
import type { Secrecy, SecretPath } from "../lifecycle.js";
import { isMap, type Value, type ValueMap } from "../../values.js";

const mapRows = configTable.filter(({ form }) => form.isMap === true);
const pathRows = configTable.filter(({ isPath }) => isPath === true);

/** Beside an image's names: what is not written into it. A new input may be secret unless it is named here. */
export const publicInputs: ReadonlySet<string> = new Set([
  "packages",
  "packageSources",
  "assumeInstalled",
  "distribution",
  "platforms",
  "compression",
  "overwrite",
]);

export function imageSecrecy({ inputs, shown }: ImageKind): Secrecy {
  return {
    dictionaries: new Set(["annotations", ...mapRows.map(({ input }) => input)]),
    paths: new Set(["artifacts", "scripts", "files", "directories", "users", ...pathRows.map(({ input }) => input)]),
    names: new Set(["ref", "digest", "tags", "platformDigests", "asBase", "base"]),
    anywhere: [...inputs].flatMap((name) => {
      if (shown.includes(name) || publicInputs.has(name)) return [];
      // The image of an artifact is a name.
      return name === "artifacts" ? ["includes", "excludes"].map((part) => [name, "*", part]) : [[name]];
    }),
  };
}

/** Where `config` repeats what is secret: by place, as it may be merged with the base's, normalised or looked up. */
export function secretPlaces({ config }: ValueMap, secrets: readonly SecretPath[]): readonly SecretPath[] {
  return perPlatform(config).flatMap(([prefix, changes]) =>
    secrets.flatMap(([root, key]) =>
      configTable
        .filter(({ input, foundBy, output = input }) => (root === input || root === foundBy) && output in changes)
        .map(({ input, output = input, form }) => {
          if (form.isMap !== true) return [...prefix, output, "image"];
          return key === undefined ? [...prefix, output] : [...prefix, output, key, "image"];
        }),
    ),
  );
}

/** `config` is one map of fields where all platforms agree, else one a platform; no field has a slash in it. */
function perPlatform(config: Value | undefined): readonly (readonly [SecretPath, ValueMap])[] {
  if (!isMap(config)) return [];
  const platforms = Object.entries(config).filter((entry): entry is [string, ValueMap] => entry[0].includes("/") && isMap(entry[1]));
  return platforms.length === 0 ? [[["config"], config]] : platforms.map(([name, changes]) => [["config", name], changes]);
}
