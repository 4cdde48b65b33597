import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of a manifest or blob by its digest; undefined where it does not exist. Bypasses the code under test. */
export type ReadDigest = (kind: "manifests" | "blobs", digest: string) => Promise<Buffer | undefined>;

interface Described {
  readonly digest: string;
  readonly size: number;
}

/** Over plain HTTP. `repository`: `host:port/name`. */
export function readRegistry(repository: string): ReadDigest {
  const [host = "", ...name] = repository.split("/");
  const accept = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";
  return async (kind, digest) => {
    const response = await fetch(`http://${host}/v2/${name.join("/")}/${kind}/${digest}`, { headers: { accept } });
    const bytes = Buffer.from(await response.arrayBuffer());
    return response.status === 200 ? bytes : undefined;
  };
}

export function readLayout(folder: string): ReadDigest {
  return (_kind, digest) => readFile(join(folder, "blobs", "sha256", digest.slice("sha256:".length))).catch(() => undefined);
}

/** What an image lacks: missing parts, or parts that do not match their digest or size. Empty when it is complete. */
export async function findHoles(read: ReadDigest, digest: string): Promise<readonly string[]> {
  const bytes = await read("manifests", digest);
  const wrong = checkBytes(bytes, { digest, size: bytes?.byteLength ?? 0 });
  if (bytes === undefined || wrong !== undefined) return [wrong ?? ""];
  const {
    manifests = [],
    config,
    layers = [],
  } = JSON.parse(bytes.toString()) as {
    readonly manifests?: readonly Described[];
    readonly config?: Described;
    readonly layers?: readonly Described[];
  };
  const children = await Promise.all(manifests.map((child) => findHoles(read, child.digest)));
  const blobs = [...(config === undefined ? [] : [config]), ...layers];
  const holes = await Promise.all(blobs.map(async (blob) => checkBytes(await read("blobs", blob.digest), blob)));
  return [...children.flat(), ...holes.filter((hole) => hole !== undefined)];
}

function checkBytes(bytes: Buffer | undefined, { digest, size }: Described): string | undefined {
  if (bytes === undefined) return `${digest} is not there`;
  const found = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return found === digest && bytes.byteLength === size ? undefined : `${digest} is ${found} of ${String(bytes.byteLength)} bytes`;
}
