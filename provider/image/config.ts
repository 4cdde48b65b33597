import { DhiError } from "../errors.js";
import { isDigest, type Digest } from "./digest.js";
import { refuseTwins } from "./json-twins.js";
import { isObject, parseObject, sortKeys, stringMap, type JsonObject } from "./json.js";
import { parsePlatformObject, type Platform } from "./platform.js";

/** OCI image spec, config.md. What we do not know stays in `rest` and `restOfConfig`, untouched. */
export interface ImageConfig {
  readonly platform: Platform;
  /** RFC 3339. */
  readonly created?: string;
  readonly diffIds: readonly Digest[];
  readonly history: readonly JsonObject[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** `NAME=value` in the order of the image. */
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly rest: JsonObject;
  readonly restOfConfig: JsonObject;
}

const writtenFields = ["os", "architecture", "variant", "os.version", "os.features", "created", "config", "rootfs", "history"];
const writtenConfig = ["User", "Env", "Entrypoint", "Cmd", "WorkingDir", "Labels"];

/** Throws `DhiError` "invalid" when `bytes` is no image config. */
export function parseConfig(bytes: Uint8Array, what: string): ImageConfig {
  const json = parseObject(bytes, what);
  const platform = parsePlatformObject(json);
  const rootfs = json["rootfs"];
  const diffIds = isObject(rootfs) ? rootfs["diff_ids"] : undefined;
  if (platform === undefined || !Array.isArray(diffIds) || !diffIds.every(isDigest)) {
    throw new DhiError("invalid", `${what} is no image config: it lacks os, architecture or rootfs.diff_ids`);
  }
  const config: JsonObject = isObject(json["config"]) ? json["config"] : {};
  refuseTwins(json, what, writtenFields);
  refuseTwins(config, what, writtenConfig);
  if (isObject(rootfs)) refuseTwins(rootfs, what);
  const { Entrypoint, Cmd, Env, Labels, User, WorkingDir, ...restOfConfig } = config;
  const { created, history, config: _config, rootfs: _rootfs, ...rest } = json;
  const entrypoint = stringList(Entrypoint);
  const cmd = stringList(Cmd);
  return {
    platform,
    ...(typeof created === "string" ? { created } : {}),
    diffIds,
    history: Array.isArray(history) ? history.filter(isObject) : [],
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(cmd === undefined ? {} : { cmd }),
    env: stringList(Env) ?? [],
    labels: stringMap(Labels) ?? {},
    ...(typeof User === "string" && User !== "" ? { user: User } : {}),
    ...(typeof WorkingDir === "string" && WorkingDir !== "" ? { workingDirectory: WorkingDir } : {}),
    rest,
    restOfConfig,
  };
}

/** Fields that a base has keep its names and values; the order of fields is fixed. */
export function encodeConfig(image: ImageConfig): Buffer {
  const config = {
    ...image.restOfConfig,
    ...(image.user === undefined ? {} : { User: image.user }),
    ...(image.env.length === 0 ? {} : { Env: image.env }),
    ...(image.entrypoint === undefined ? {} : { Entrypoint: image.entrypoint }),
    ...(image.cmd === undefined ? {} : { Cmd: image.cmd }),
    ...(image.workingDirectory === undefined ? {} : { WorkingDir: image.workingDirectory }),
    ...(Object.keys(image.labels).length === 0 ? {} : { Labels: sortKeys(image.labels) }),
  };
  return Buffer.from(
    JSON.stringify({
      ...image.rest,
      ...image.platform,
      ...(image.created === undefined ? {} : { created: image.created }),
      config,
      rootfs: { type: "layers", diff_ids: image.diffIds },
      history: image.history,
    }),
  );
}

function stringList(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : undefined;
}
