/** Stands for a value that is not known yet: an output of a resource that the preview has not created. */
export const unknown: unique symbol = Symbol("unknown");

/** An input of a program: JSON with unknowns at any place. */
export type Value = null | boolean | number | string | typeof unknown | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [key: string]: Value;
}

export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !isList(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function hasUnknown(value: Value): boolean {
  if (value === unknown) return true;
  if (isList(value)) return value.some(hasUnknown);
  return isMap(value) && Object.values(value).some(hasUnknown);
}

/** Equal as JSON: the order of keys does not matter, an unknown equals nothing. */
export function equalValues(a: Value | undefined, b: Value | undefined): boolean {
  if (a === unknown || b === unknown) return false;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, at) => equalValues(item, b[at]));
  if (isMap(a) && isMap(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equalValues(a[key], b[key]));
  }
  return a === b;
}

/** The value of a map's own key: names from outside may be those of `Object.prototype`. */
export function ownValue<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The map without some of its keys. */
export function omit<T>(map: Readonly<Record<string, T>>, keys: ReadonlySet<string>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.has(key)));
}

/** `artifacts[0].includes[1]`; keys that are not identifiers are in brackets. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${String(part)}]`;
    const name = String(part);
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}

/** Paths that differ between two values; a path in `whole` is reported as a whole. */
export function changedPaths(
  a: Value | undefined,
  b: Value | undefined,
  whole: ReadonlySet<string> = new Set(),
  path: readonly PropertyKey[] = [],
): readonly string[] {
  if (equalValues(a, b)) return [];
  if (whole.has(formatPath(path))) return [formatPath(path)];
  if (isMap(a) && isMap(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .sort()
      .flatMap((key) => changedPaths(ownValue(a, key), ownValue(b, key), whole, [...path, key]));
  }
  if (isList(a) && isList(b) && a.length === b.length) return a.flatMap((item, at) => changedPaths(item, b[at], whole, [...path, at]));
  return [formatPath(path)];
}
