import { configTable } from "../../image/config-table.js";
import type { ImageKind } from "../../pipeline/spec/image-spec.js";
import type { Secrecy, SecretPath } from "../lifecycle.js";
import { isMap, type Value, type ValueMap } from "../../values.js";

const mapRows = configTable.filter(({ form }) => form.isMap === true);
const pathRows = configTable.filter(({ isPath }) => isPath === true);

/** Inputs, besides the names of an image, that are not written into it. Any other input may be secret. */
export const publicInputs: ReadonlySet<string> = new Set([
  "packages",
  "packageSources",
  "assumeInstalled",
  "upgradeInstalled",
  "suffixAllTags",
  "distribution",
  "platforms",
  "compression",
  "minimumAge",
  "overwrite",
  "verify",
  "vex",
  "sign",
  "policy",
]);

export function imageSecrecy({ inputs, shown }: ImageKind): Secrecy {
  return {
    dictionaries: new Set(["annotations", ...mapRows.map(({ input }) => input)]),
    paths: new Set(["artifacts", "scripts", "files", "directories", "users", ...pathRows.map(({ input }) => input)]),
    names: new Set(["ref", "digest", "tags", "platformDigests", "asBase", "base"]),
    anywhere: [...inputs].flatMap((name) => {
      if (shown.includes(name) || publicInputs.has(name)) return [];
      // The image of an artifact is a name, which may not be secret.
      return name === "artifacts" ? ["includes", "excludes"].map((part) => [name, "*", part]) : [[name]];
    }),
  };
}

/** The places where `config` repeats a secret, whose value may be merged with the base's, normalized or resolved. */
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

/** `config` is one map of fields when all platforms agree, otherwise one for each platform; field names have no slash. */
function perPlatform(config: Value | undefined): readonly (readonly [SecretPath, ValueMap])[] {
  if (!isMap(config)) return [];
  const platforms = Object.entries(config).filter((entry): entry is [string, ValueMap] => entry[0].includes("/") && isMap(entry[1]));
  return platforms.length === 0 ? [[["config"], config]] : platforms.map(([name, changes]) => [["config", name], changes]);
}
