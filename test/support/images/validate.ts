import { join } from "node:path";
import { formatPlatform } from "../../../provider/image/platform.js";
import { OCI_LAYER_GZIP } from "../../../provider/image/media-types.js";
import { parseReference } from "../../../provider/image/reference.js";
import { openImage } from "../../../provider/pipeline/sources/source-image.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { runProgram } from "./programs.js";
import { copyForUmoci } from "./unpackers.js";

/**
 * Checks every digest, size and diffID of an image in a registry with crane. It reads only gzip, so images with other layers
 * are copied, a platform at a time, with skopeo and a layout into `scratch`, a repository.
 */
export async function validate(session: Session, ref: string, scratch: string): Promise<void> {
  const { repository, digest } = parseReference(ref);
  if (digest === undefined) throw new Error(`${ref} has no digest`);
  const image = await openImage(session, repository, digest, "destination");
  const platforms = await Promise.all([...image.platforms.values()].map((open) => open()));
  const crane = (name: string): Promise<string> => runProgram("crane", ["validate", "--insecure", "--remote", name]);
  if (platforms.every(({ manifest }) => manifest.layers.every(({ mediaType }) => mediaType === OCI_LAYER_GZIP))) {
    await crane(ref);
    return;
  }
  for (const [at, { config }] of platforms.entries()) {
    const tag = `${digest.slice(-12)}-${at}`;
    const copy = await copyForUmoci(`docker://${ref}`, join(session.projectDirectory, "validated"), tag, formatPlatform(config.platform));
    // If digests could change, skopeo would use the zstd layers that it remembers.
    await runProgram("skopeo", [
      "copy",
      "--quiet",
      "--preserve-digests",
      "--dest-tls-verify=false",
      `oci:${copy}`,
      `docker://${scratch}:${tag}`,
    ]);
    await crane(`${scratch}:${tag}`);
  }
}
