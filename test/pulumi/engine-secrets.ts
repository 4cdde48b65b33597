import { isSecretEnvelope, secretEnvelope } from "../../provider/pulumi/wire.js";
import type { SecretPath } from "../../provider/resources/lifecycle.js";

type Properties = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isSecretEnvelope(value);

/** How the engine sends values to a dynamic provider: without secrets (pkg/resource/plugin/provider_plugin.go, `acceptSecrets`). */
export function strip<T>(value: T): T {
  if (isSecretEnvelope(value)) return strip((value as unknown as { readonly value: T }).value);
  if (Array.isArray(value)) return value.map(strip) as T;
  return isMap(value) ? (Object.fromEntries(Object.entries(value).map(([key, item]) => [key, strip(item)])) as T) : value;
}

/**
 * How the engine takes a result: a value whose input is secret becomes secret again, in maps by key, else as a whole (`annotateSecrets`).
 */
export function annotate(outs: Properties, ins: Properties, secret: SecretPath): Properties {
  const annotated = (out: unknown, input: unknown, rest: SecretPath): unknown => {
    const [key, ...below] = rest;
    if (key === undefined || !isMap(out) || !isMap(input)) return isSecretEnvelope(out) ? out : secretEnvelope(out);
    return key in out ? { ...out, [key]: annotated(out[key], input[key], below) } : out;
  };
  const marked = annotated(outs, ins, secret) as Properties;
  // Outputs of create and update are annotated from the checked inputs, which have envelopes.
  return copyEnvelopes(marked, ins) as Properties;
}

function copyEnvelopes(out: unknown, input: unknown): unknown {
  if (isSecretEnvelope(out)) return out;
  if (isMap(out) && isMap(input)) {
    return Object.fromEntries(Object.entries(out).map(([key, item]) => [key, key in input ? copyEnvelopes(item, input[key]) : item]));
  }
  return hasEnvelope(input) ? secretEnvelope(out) : out;
}

function hasEnvelope(value: unknown): boolean {
  if (isSecretEnvelope(value)) return true;
  if (Array.isArray(value)) return value.some(hasEnvelope);
  return isMap(value) && Object.values(value).some(hasEnvelope);
}

/** Every key and text outside of envelopes. */
export function textsInClear(value: unknown): readonly string[] {
  if (isSecretEnvelope(value)) return [];
  if (Array.isArray(value)) return value.flatMap(textsInClear);
  if (isMap(value)) return Object.entries(value).flatMap(([key, item]) => [key, ...textsInClear(item)]);
  return [String(value)];
}
