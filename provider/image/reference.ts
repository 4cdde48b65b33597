import { posix } from "node:path";
import { isDigest, type Digest } from "./digest.js";
import { DhiError } from "../errors.js";
import { trimEndOf } from "../text/trim.js";

/** A place for images under one name. */
export type Repository = RegistryRepository | LayoutRepository;
export interface RegistryRepository {
  readonly kind: "registry";
  /** `host[:port]`, lower case; `docker.io` in full. */
  readonly host: string;
  readonly name: string;
}
/** An OCI image layout on disk (OCI image spec, image-layout.md). */
export interface LayoutRepository {
  readonly kind: "layout";
  /** As declared: relative to the Pulumi project, or absolute. */
  readonly path: string;
}

export interface Reference {
  readonly repository: Repository;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** Distribution spec, "Pulling manifests": `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`. */
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
/** Longest name within a registry. */
const MAX_NAME = 255;
const namePattern = new RegExp(`^${component}(?:/${component})*$`);
const hostPattern = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]{1,5})?$/;

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** A name within a registry, without its host: `acme/python`. */
export function isRepositoryName(text: string): boolean {
  return namePattern.test(text) && text.length <= MAX_NAME;
}

/**
 * `registry/name` or `oci:path`. Without a dot, colon or `localhost` in its first part, it is a name on Docker Hub, as in Docker's
 * own references. Throws `DhiError` "invalid".
 */
export function parseRepository(text: string): Repository {
  const parsed = parseReference(text);
  if (parsed.tag !== undefined || parsed.digest !== undefined) {
    throw new DhiError("invalid", `"${text}" has a tag or digest, but only a repository is allowed here`, {
      hint: "Remove the tag and digest",
    });
  }
  return parsed.repository;
}

/** `registry/name[:tag][@sha256:…]` or `oci:path[:tag][@sha256:…]`. Throws `DhiError` "invalid". */
export function parseReference(text: string): Reference {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest?.includes("/") === true && !text.startsWith("oci:")) {
    throw new DhiError("invalid", "a reference has a login in front of its registry", {
      hint: "Remove everything before the @, and log in to the registry (docker login) or set its credentials in dhi:registries",
    });
  }
  if (digest !== undefined && !isDigest(digest)) {
    throw new DhiError("invalid", `"${text}" ends in "@${digest}", which is not a valid digest`, {
      hint: "A digest is sha256: and 64 hexadecimal digits",
    });
  }
  const rest = at < 0 ? text : text.slice(0, at);
  const layout = rest.startsWith("oci:");
  const body = layout ? rest.slice("oci:".length) : rest;
  const colon = body.lastIndexOf(":");
  const tagged = colon >= 0 && !body.slice(colon).includes("/");
  const tag = tagged ? body.slice(colon + 1) : undefined;
  const name = tagged ? body.slice(0, colon) : body;
  if (tag !== undefined && !isTag(tag)) {
    throw new DhiError("invalid", `"${text}" has the tag "${tag}", which is not valid`, {
      hint: "A tag has at most 128 letters, digits, dots, dashes and underscores, and does not start with a dot or dash",
    });
  }
  return {
    repository: layout ? layoutRepository(name, text) : registryRepository(name, text),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function layoutRepository(path: string, text: string): LayoutRepository {
  if (path === "" || /[\u0000-\u001f:]/.test(path)) {
    throw new DhiError("invalid", `"${text}" has no path of a layout folder`, { hint: "Write oci:path, or oci:path:tag" });
  }
  return { kind: "layout", path: trimEndOf(path, "/") || "/" };
}

function registryRepository(name: string, text: string): RegistryRepository {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const hasHost = first.includes(".") || first.includes(":") || first === "localhost" || first.startsWith("[");
  const host = hasHost ? first.toLowerCase() : "docker.io";
  const rest = hasHost ? name.slice(slash + 1) : name;
  const path = host === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest;
  // `OCI:5000/a` would read as a layout folder where it is written again.
  if (host.startsWith("oci:"))
    throw new DhiError("invalid", `"${text}" is not a valid repository`, { hint: "Write oci: in lower case for a layout folder" });
  if (!hostPattern.test(host) || !isRepositoryName(path)) {
    const hint =
      path === path.toLowerCase() ? "Write registry/name, or oci:path for a layout folder" : "Repository names must be lower case";
    throw new DhiError("invalid", `"${text}" is not a valid repository`, { hint });
  }
  return { kind: "registry", host, name: path };
}

export function formatRepository(repository: Repository): string {
  return repository.kind === "registry" ? `${repository.host}/${repository.name}` : `oci:${repository.path}`;
}

/** Whether two spellings mean the same repository, without access to the file system: `oci:x` is `oci:./x`. */
export function sameRepository(one: Repository, other: Repository): boolean {
  return repositoryKey(one) === repositoryKey(other);
}

function repositoryKey(repository: Repository): string {
  return repository.kind === "registry" ? formatRepository(repository) : `oci:${posix.normalize(repository.path)}`;
}

export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${formatRepository(reference.repository)}${tag}${digest}`;
}
