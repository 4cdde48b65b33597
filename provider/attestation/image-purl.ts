import { formatRepository, type Repository } from "../image/reference.js";
import type { NamedImage } from "./named-image.js";
import { formatPurl } from "./purl.js";

/**
 * A base as BuildKit writes it, which scanners look for to apply the base's VEX:
 * `pkg:docker/dhi.io/python@3.13?digest=sha256:…&platform=linux%2Famd64`. Docker Hub is left out, as in Docker's own short names.
 * A base in a layout folder has no such name, and gets that of `imagePurl`.
 */
export function basePurl(base: NamedImage, platform: string): string {
  const { repository, digest, tag } = base;
  if (repository.kind === "layout") return imagePurl(base);
  const short = repository.host === "docker.io" ? repository.name.replace(/^library\//, "") : formatRepository(repository);
  const at = short.lastIndexOf("/");
  return formatPurl(
    { type: "docker", namespace: short.slice(0, Math.max(0, at)), name: short.slice(at + 1), version: tag },
    { digest, platform },
  );
}

/** `pkg:oci/python@sha256:…?repository_url=ghcr.io%2Facme%2Fpython&tag=3.13` (purl-spec, "oci"). */
export function imagePurl({ repository, digest, tag }: NamedImage, architecture?: string): string {
  const place = repository.kind === "layout" ? undefined : formatRepository(repository);
  return formatPurl({ type: "oci", name: lastName(repository), version: digest }, { arch: architecture, repository_url: place, tag });
}

/** The last part of a repository's name, or of a layout's path, in lower case. */
export function lastName(repository: Repository): string {
  const path = repository.kind === "layout" ? repository.path : repository.name;
  const parts = path.split("/").filter((part) => !/^\.{0,2}$/.test(part));
  return (parts.at(-1) ?? "image").toLowerCase();
}
