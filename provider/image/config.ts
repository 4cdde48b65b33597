import { z } from "zod";
import { DhiError } from "../errors.js";
import { labels, variables } from "./config-fields.js";
import { configTable } from "./config-table.js";
import { isDigest, type Digest } from "./digest.js";
import { refuseTwins } from "./json-twins.js";
import { isObject, parseObject, type JsonObject } from "./json.js";
import { parsePlatformObject, type Platform } from "./platform.js";

const json = z.custom<JsonObject>(isObject);

/** OCI image spec, config.md. zod would reorder the fields of an object that it validates, so `config` is kept as it is. */
const known = z
  .object({
    created: z.string().optional().catch(undefined),
    config: json.catch({}),
    rootfs: z.object({ diff_ids: z.array(z.custom<Digest>(isDigest)).readonly() }),
    history: z
      .array(z.unknown())
      .transform((entries): readonly JsonObject[] => entries.filter(isObject))
      .catch([]),
  })
  .transform(({ created, config, rootfs, history }) => ({ created, execution: config, diffIds: rootfs.diff_ids, history }));

/** `created` is RFC 3339; `execution` is the object `config`, the settings for running containers. */
export interface ImageConfig extends Readonly<z.infer<typeof known>> {
  readonly platform: Platform;
  /** All other fields. Those of the platform are included, to keep their position. */
  readonly rest: JsonObject;
}

const writtenFields = ["os", "architecture", "variant", "os.version", "os.features", "created", "config", "rootfs", "history"];
const writtenExecution = configTable.map(({ field }) => field);

/** Throws `DhiError` "invalid" when `bytes` is not an image config. */
export function parseConfig(bytes: Uint8Array, what: string): ImageConfig {
  const raw = parseObject(bytes, what);
  const platform = parsePlatformObject(raw);
  const { data } = known.safeParse(raw);
  if (platform === undefined || data === undefined) {
    throw new DhiError("invalid", `${what} is not an image config: it lacks os, architecture or rootfs.diff_ids`);
  }
  const { created: _created, config: _config, rootfs, history: _history, ...rest } = raw;
  refuseTwins(raw, what, writtenFields);
  refuseTwins(data.execution, what, writtenExecution);
  if (isObject(rootfs)) refuseTwins(rootfs, what);
  return { ...data, platform, rest };
}

/** Fields of a base keep their names and values; the order of fields is fixed. */
export function encodeConfig({ platform, created, execution, diffIds, history, rest }: ImageConfig): Buffer {
  const rootfs = { type: "layers", diff_ids: diffIds };
  return Buffer.from(JSON.stringify({ ...rest, ...platform, created, config: execution, rootfs, history }));
}

/** `NAME=value` of an image. */
export function variablesOf({ execution }: ImageConfig): readonly string[] {
  return variables.shape.parse(execution["Env"]) ?? [];
}

/** The labels of an image; none where they are not strings. */
export function labelsOf({ execution }: ImageConfig): Readonly<Record<string, string>> {
  return labels.shape.parse(execution["Labels"]) ?? {};
}

/** The config without some of its labels. */
export function withoutLabels(config: ImageConfig, names: ReadonlySet<string>): ImageConfig {
  if (names.size === 0) return config;
  const kept = Object.entries(labelsOf(config)).filter(([name]) => !names.has(name));
  return { ...config, execution: { ...config.execution, Labels: Object.fromEntries(kept) } };
}
