import { derivedProperties } from "../pipeline/state/output-names.js";
import { isList, isMap, unknown, type Value, type ValueMap } from "../values.js";

/**
 * Placeholders for values that are not known yet (pulumi/sdk/go/common/resource/plugin/rpc.go). A Node program sends the first for all
 * types.
 */
const sentinels: ReadonlySet<unknown> = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Marks an object on the wire as special, and as a secret. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Properties between the sdk and this layer; the core does not see them. */
export const PROVIDER_KEY = "__provider";
export const URN_KEY = "__urn";
export const SECRETS_KEY = "__secrets";

/** The value of `__secrets` where the sdk could not examine the inputs. */
export const SECRETS_ANYWHERE = "*";

/**
 * Values as the core sees them: unknowns as one symbol, secrets unwrapped, properties that start with two underscores dropped unless the
 * core owns them.
 */
export function fromWire(properties: unknown): ValueMap {
  const value = convert(properties);
  return isMap(value)
    ? Object.fromEntries(Object.entries(value).filter(([key]) => derivedProperties.has(key) || !key.startsWith("__")))
    : {};
}

function convert(value: unknown): Value {
  if (sentinels.has(value)) return unknown;
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value === "object" && value !== null) {
    const map = value as Readonly<Record<string, unknown>>;
    if (map[signatureKey] === secretSignature) return convert(map["value"]);
    return Object.fromEntries(Object.entries(map).flatMap(([key, item]) => (item === undefined ? [] : [[key, convert(item)]])));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

export function toWire(value: Value): unknown {
  if (value === unknown) return unknownString;
  if (isList(value)) return value.map(toWire);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toWire(item)]));
  return value;
}

/** A value that the engine encrypts in state and never shows. */
export function secretEnvelope(value: unknown): unknown {
  return { [signatureKey]: secretSignature, value };
}

export function isSecretEnvelope(value: unknown): boolean {
  return typeof value === "object" && value !== null && signatureKey in value && value[signatureKey] === secretSignature;
}
