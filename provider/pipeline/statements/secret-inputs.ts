import { formatPath } from "../../values.js";

/** The path of a secret in the declared inputs: `["environment", "TOKEN"]`. Everything below it is secret. */
export type InputPath = readonly (string | number)[];

/** Whether something at `path`, below it or above it is secret. */
export function touchesSecret(secrets: readonly InputPath[], path: InputPath): boolean {
  return secrets.some((secret) => path.every((part, at) => at >= secret.length || secret[at] === part));
}

/** Whether the value at `path` is secret as a whole. */
export function isSecret(secrets: readonly InputPath[], path: InputPath): boolean {
  return secrets.some((secret) => secret.length <= path.length && secret.every((part, at) => path[at] === part));
}

/** The items of a list of inputs that hold a secret: `scripts[0]`. */
export function secretItems(secrets: readonly InputPath[], name: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => [name, at] as const)
    .filter((path) => touchesSecret(secrets, path))
    .map(formatPath);
}
