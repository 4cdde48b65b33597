import { digestOf } from "../../image/digest.js";
import type { JsonObject } from "../../image/json.js";
import { Redaction } from "../../text/redaction.js";
import { formatPath, isList, isMap, unknown, type Value, type ValueMap } from "../../values.js";
import { historyInputs } from "../spec/image-spec.js";
import { isSecret, type InputPath } from "./secret-inputs.js";

/** Characters of a text that is written out; longer ones are named by their digest. */
export const MAX_PARAMETER = 4096;

/** Redacts what looks like a credential. What this process holds is not asked: the text would differ from machine to machine. */
const shapes = new Redaction();

/** Inputs that decide how an image is signed and kept, and nothing in it. */
const left: ReadonlySet<string> = new Set([...historyInputs, "sign"]);

export interface Parameters {
  readonly inputs: JsonObject;
  /** The paths that are left out, sorted. */
  readonly secretInputs: readonly string[];
}

/** The declared inputs as provenance shows them: secret values are left out and named, and no text contains a login. */
export function parametersOf(inputs: ValueMap, secrets: readonly InputPath[]): Parameters {
  const secretInputs = new Set<string>();
  const describe = (value: Value, path: InputPath): unknown => {
    if (isSecret(secrets, path)) {
      secretInputs.add(formatPath(path));
      return undefined;
    }
    if (value === unknown) return undefined;
    if (isList(value)) return value.map((item, at) => describe(item, [...path, at]) ?? null);
    if (isMap(value)) return describeMap(value, path);
    return typeof value === "string" ? describeText(value) : value;
  };
  const describeMap = (map: ValueMap, path: InputPath): JsonObject =>
    Object.fromEntries(
      Object.keys(map)
        .sort()
        .filter((key) => path.length > 0 || (!left.has(key) && !key.startsWith("__")))
        .flatMap((key) => {
          const described = describe(map[key] ?? null, [...path, key]);
          return described === undefined ? [] : [[key, described]];
        }),
    );
  const described = describeMap(inputs, []);
  return { inputs: described, secretInputs: [...secretInputs].sort() };
}

function describeText(text: string): unknown {
  return text.length > MAX_PARAMETER ? { sha256: digestOf(text).slice("sha256:".length), length: text.length } : shapes.redact(text);
}
