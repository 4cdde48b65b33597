import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ifPresent } from "../../../cache/files.js";
import { DhiError } from "../../../errors.js";
import type { FileTree } from "../../../rootfs/tree/file-tree.js";
import { splitLogin, type Login } from "../../fetch/credentials.js";
import { parseSourceUrl } from "../../declared.js";
import { formatDistribution } from "../../root/distribution.js";
import type { DeclaredSource } from "../../declared-source.js";
import type { Distribution, PackageSource } from "../../packages.js";
import type { ApkRepository } from "../formats/apk-package.js";
import { ownApkKeys } from "../keyrings/keyrings.js";
import { baseKeys, baseRepositories, parseRepositories, type RepositoryLine } from "./base.js";

export interface RepositoriesRequest {
  readonly distribution: Distribution;
  /** As apk names it. */
  readonly architecture: string;
  /** `packageSources` of the resource. */
  readonly declared?: readonly DeclaredSource[] | undefined;
  /** `dhi:packageSources`, by distribution as `alpine:3.19`. */
  readonly configured?: Readonly<Record<string, readonly DeclaredSource[]>> | undefined;
  /** Undefined for an image from scratch. */
  readonly base?: FileTree | undefined;
  /** The configuration folder of this machine's apk. Default `/etc/apk`. */
  readonly apkDirectory?: string | undefined;
}

export interface FoundRepositories {
  readonly repositories: readonly ApkRepository[];
  /** For `ArchiveFetcher.addLogins`: logins from URLs of stack config, the base or the machine. */
  readonly logins: readonly Login[];
}

const publicArchive = "https://dl-cdn.alpinelinux.org/alpine";
const components = ["main", "community"] as const;

/**
 * Where packages come from: the first of these that names any: `packageSources`, `dhi:packageSources`, the base's own repositories, and
 * Alpine's own archive. Keys: those that are given, else those of the base, else those of Alpine that pulumi-dhi ships. Throws `DhiError` "invalid".
 */
export async function findRepositories(request: RepositoriesRequest): Promise<FoundRepositories> {
  const { distribution, declared = [], configured = {}, base, architecture } = request;
  const ofBase = base === undefined ? [] : baseKeys(base, architecture);
  const keys = ofBase.length > 0 ? ofBase : ownApkKeys(architecture);
  if (declared.length > 0) return declaredRepositories(declared, keys, "packageSources", (at) => `packageSources[${String(at)}]`);
  const name = formatDistribution(distribution);
  const ofStack = configured[name] ?? [];
  if (ofStack.length > 0)
    return declaredRepositories(ofStack, keys, "stack config", (at) => `dhi:packageSources["${name}"][${String(at)}]`);
  const lines = base === undefined ? [] : baseRepositories(base);
  if (lines.length > 0) return repositoriesOf(lines, keys, "base");
  const mirror = await machineMirror(request.apkDirectory ?? "/etc/apk");
  const branch = distribution.release === "edge" ? "edge" : `v${distribution.release}`;
  const own = components.map((component) => ({ url: `${mirror ?? publicArchive}/${branch}/${component}`, tag: undefined }));
  return repositoriesOf(own, ownApkKeys(architecture), mirror === undefined ? "public" : "machine");
}

function repositoriesOf(
  lines: readonly RepositoryLine[],
  keys: readonly (string | Buffer)[],
  origin: PackageSource["origin"],
): FoundRepositories {
  const unique = [...new Map(lines.map((line) => [`${line.tag ?? ""} ${line.url}`, line])).values()];
  const split = unique.map(({ url }) => splitLogin(url));
  const repositories = unique.map(({ url, tag }, at): ApkRepository => {
    const plain = split[at]?.url ?? url;
    return { url: plain, tag, source: { url: plain, suites: [], components: [], keys, allowUnsigned: false, origin } };
  });
  return { repositories, logins: split.flatMap(({ login }) => (login === undefined ? [] : [login])) };
}

function declaredRepositories(
  declared: readonly DeclaredSource[],
  defaultKeys: readonly (string | Buffer)[],
  origin: "packageSources" | "stack config",
  propertyOf: (at: number) => string,
): FoundRepositories {
  const split = declared.map(({ url }) => splitLogin(url));
  const repositories = declared.flatMap((one, at) => {
    const { suites = [], allowUnsigned = false, keys = [] } = one;
    const url = parseSourceUrl(split[at]?.url ?? one.url, `${propertyOf(at)}.url`);
    const source: PackageSource = {
      url,
      suites,
      components: one.components ?? [],
      keys: keys.length > 0 || allowUnsigned ? keys : defaultKeys,
      allowUnsigned,
      origin,
    };
    return pathsOf(suites, source.components, propertyOf(at)).map((path): ApkRepository => ({ url: url + path, tag: undefined, source }));
  });
  return { repositories, logins: split.flatMap(({ login }) => (login === undefined ? [] : [login])) };
}

/** A name in a URL's path: nothing that escapes the path. */
const pathName = /^[A-Za-z0-9][A-Za-z0-9._+~-]*$/;

/** Below a source's URL: `/suite/component`, or nothing for the repository itself. */
function pathsOf(suites: readonly string[], parts: readonly string[], property: string): readonly string[] {
  const wrong = [...suites, ...parts].find((name) => !pathName.test(name));
  if (wrong !== undefined)
    throw new DhiError("invalid", `"${wrong}" is not a valid branch or component of an Alpine archive`, {
      origin: "inputs",
      property,
      hint: "Write branches as v3.19 and components as main, or omit both where url is the repository itself",
    });
  const below = (names: readonly string[]): readonly string[] => (names.length === 0 ? [""] : names.map((name) => `/${name}`));
  return below(suites).flatMap((suite) => below(parts).map((part) => suite + part));
}

/** The mirror that this machine's apk uses for Alpine's own archive, whatever its branch; its other repositories are ignored. */
async function machineMirror(apkDirectory: string): Promise<string | undefined> {
  const text = (await ifPresent(readFile(join(apkDirectory, "repositories"), "latin1"))) ?? "";
  const mirrors = parseRepositories(text).flatMap(({ url, tag }) => {
    const [, mirror] = /^(.+)\/(?:v\d+\.\d+|edge|latest-stable)\/(?:main|community)$/.exec(url) ?? [];
    return mirror === undefined || tag !== undefined ? [] : [mirror];
  });
  return mirrors[0];
}
