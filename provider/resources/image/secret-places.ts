import type { Secrecy, SecretPath } from "../lifecycle.js";
import { isMap, type Value, type ValueMap } from "../../values.js";

export const imageSecrecy: Secrecy = {
  dictionaries: new Set(["environment", "labels", "annotations"]),
  paths: new Set(["artifacts", "scripts", "files", "directories", "users", "workingDirectory"]),
  names: new Set(["ref", "digest", "tags", "platformDigests", "asBase", "base"]),
};

/** Fields of `config` that an input decides as a whole. */
const fields: Readonly<Record<string, string>> = {
  entrypoint: "entrypoint",
  cmd: "cmd",
  runAs: "user",
  users: "user",
  workingDirectory: "workingDirectory",
};

/** Where `config` repeats what is secret: by place, as it may be merged with the base's, normalised or looked up. */
export function secretPlaces({ config }: ValueMap, secrets: readonly SecretPath[]): readonly SecretPath[] {
  return perPlatform(config).flatMap(([prefix, changes]) =>
    secrets.flatMap(([root, key]) => {
      const name = String(root);
      const field = fields[name];
      if (field !== undefined) return field in changes ? [[...prefix, field, "image"]] : [];
      if ((name !== "environment" && name !== "labels") || !(name in changes)) return [];
      return [key === undefined ? [...prefix, name] : [...prefix, name, key, "image"]];
    }),
  );
}

/** `config` is one map of fields where all platforms agree, else one a platform; no field has a slash in it. */
function perPlatform(config: Value | undefined): readonly (readonly [SecretPath, ValueMap])[] {
  if (!isMap(config)) return [];
  const platforms = Object.entries(config).filter((entry): entry is [string, ValueMap] => entry[0].includes("/") && isMap(entry[1]));
  return platforms.length === 0 ? [[["config"], config]] : platforms.map(([name, changes]) => [["config", name], changes]);
}
