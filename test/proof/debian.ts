import { readFile } from "node:fs/promises";
import type { Repository } from "../../provider/image/reference.js";
import type { Session } from "../../provider/pipeline/session.js";
import { makeImage, putImage } from "../support/images/image.js";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Puts a root filesystem into a repository as images of this machine's platform that differ in their configs, by tag. */
export async function putDebian(
  session: Session,
  repository: Repository,
  tar: string,
  configs: Readonly<Record<string, object>>,
): Promise<void> {
  const layers = [{ tar: await readFile(tar) }];
  const target = session.repositories.open(repository);
  for (const [tag, config] of Object.entries(configs)) {
    const image = makeImage({
      platforms: [{ layers, config: { Env: [PATH], ...config }, rest: { author: "the base's" } }],
      annotations: { "org.example.base": "kept" },
    });
    await putImage(target, image, tag);
  }
}
