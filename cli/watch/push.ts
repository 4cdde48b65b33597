/** A tag that was pushed, as a registry tells it. */
export interface Push {
  /** `host[:port]` as the client that pushed wrote it, lower case; `docker.io` for Docker Hub. Undefined when the registry does not tell. */
  readonly host: string | undefined;
  /** Without the host: `acme/python`. */
  readonly repository: string;
  readonly tag: string;
  /** What Docker Hub says of a mirrored hardened image, in words. */
  readonly summary?: string;
}

/** `acme/python:3.13`, for logs. */
export function formatPush({ repository, tag, summary }: Push): string {
  return `${repository}:${tag}${summary === undefined ? "" : ` (${summary})`}`;
}
