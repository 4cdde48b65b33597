import { isDigest, type Digest } from "../../image/digest.js";
import { isMap, type Value, type ValueMap } from "../../values.js";

/** What the declared names mean now: all that decides bytes beside the inputs. As in the public face. */
export interface Resolution {
  readonly layoutVersion: number;
  readonly base?: { readonly tag: string; readonly digest: Digest };
  readonly artifacts: Readonly<Record<string, Digest>>;
  readonly files: Readonly<Record<string, Digest>>;
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A resolution from state or from `ignoreChanges`; undefined when it is none. */
export function parseResolution(value: Value | undefined): Resolution | undefined {
  if (!isMap(value) || typeof value["layoutVersion"] !== "number") return undefined;
  const { base } = value;
  const digest = isMap(base) ? base["digest"] : undefined;
  const tag = isMap(base) ? base["tag"] : undefined;
  return {
    layoutVersion: value["layoutVersion"],
    ...(isDigest(digest) && typeof tag === "string" ? { base: { tag, digest } } : {}),
    artifacts: digestMap(value["artifacts"]),
    files: digestMap(value["files"]),
    packages: packagesMap(value["packages"]),
  };
}

function packagesMap(value: Value | undefined): Resolution["packages"] {
  if (!isMap(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([platform, versions]) => [platform, stringsOf(versions)]));
}

function stringsOf(value: Value): Readonly<Record<string, string>> {
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"))
    : {};
}

function digestMap(value: Value | undefined): Readonly<Record<string, Digest>> {
  return isMap(value) ? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, Digest] => isDigest(entry[1]))) : {};
}

export function resolutionValue(resolution: Resolution): ValueMap {
  return { ...resolution };
}
