import { Output } from "@pulumi/pulumi";

/** A secret in wire form (sdk/go/common/resource/properties.go), as a transform receives a property that contains one. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Paths of secrets in the inputs, as JSON: `[["environment","TOKEN"]]`. The engine removes the marks before the
 * provider sees a value, so the paths tell the provider what it must not repeat.
 */
export async function findSecretPaths(inputs: unknown): Promise<string> {
  const paths: (string | number)[][] = [];
  await walk(inputs, [], paths);
  return JSON.stringify(paths);
}

async function walk(value: unknown, path: readonly (string | number)[], found: (string | number)[][]): Promise<void> {
  if (Output.isInstance(value)) {
    const { isSecret, inner } = await settle(value);
    if (isSecret) found.push([...path]);
    else await walk(inner, path, found);
  } else if (value instanceof Promise) {
    // A rejected input fails the registration itself.
    await walk(await value.catch(() => undefined), path, found);
  } else if (Array.isArray(value)) {
    await Promise.all(value.map((item, at) => walk(item, [...path, at], found)));
  } else if (typeof value === "object" && value !== null) {
    const map = value as Readonly<Record<string, unknown>>;
    if (map[signatureKey] === secretSignature) found.push([...path]);
    // Properties that start with two underscores are between sdk and provider, the paths among them.
    const own = Object.entries(map).filter(([key]) => path.length > 0 || !key.startsWith("__"));
    if (map[signatureKey] === undefined) await Promise.all(own.map(([key, item]) => walk(item, [...path, key], found)));
  }
}

/** State of an output that `@pulumi/pulumi` marks as internal. */
interface OutputState {
  readonly isSecret: Promise<boolean>;
  promise(withUnknowns?: boolean): Promise<unknown>;
}

async function settle(output: Output<unknown>): Promise<{ readonly isSecret: boolean; readonly inner: unknown }> {
  const state = output as unknown as OutputState;
  const isSecret = await state.isSecret.catch(() => false);
  return { isSecret, inner: isSecret ? undefined : await state.promise(true).catch(() => undefined) };
}
