import type { Digest } from "../../image/digest.js";
import { formatRepository, type Repository } from "../../image/reference.js";
import { lastName } from "../image-purl.js";
import { formatPurl } from "../purl.js";

/** Docker Hub, as scanners name it in package URLs. */
const DOCKER_HUB = "index.docker.io";

/**
 * An image as scanners name it: `pkg:oci/python@sha256:…?repository_url=registry.example.com%2Facme%2Fpython`, without `repository_url` for a layout
 * folder.
 */
export function vexImagePurl(repository: Repository, digest: Digest): string {
  return formatPurl({ type: "oci", name: lastName(repository), version: digest }, { repository_url: placeOf(repository) });
}

/** The same wherever it is copied to under its last name. */
export function vexCopyPurl(repository: Repository, digest: Digest): string {
  return formatPurl({ type: "oci", name: lastName(repository), version: digest });
}

function placeOf(repository: Repository): string | undefined {
  if (repository.kind === "layout") return undefined;
  return repository.host === "docker.io" ? `${DOCKER_HUB}/${repository.name}` : formatRepository(repository);
}
