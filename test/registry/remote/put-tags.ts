import { openRepositories } from "../../../provider/registry/open.js";
import { publishImage, testImage } from "../../support/registries/images.js";

/** A script for a separate process that puts tags into a layout: `node put-tags.js <project> <layout> <prefix> <count>`. */
async function putTags(projectDirectory: string, path: string, prefix: string, count: number): Promise<void> {
  const layout = openRepositories({ projectDirectory }).open({ kind: "layout", path });
  await Promise.all(Array.from({ length: count }, (_, number) => publishImage(layout, testImage(1000), `${prefix}-${number}`)));
}

export const putTagsScript = __filename;

if (require.main === module) {
  const [project = "", layout = "", prefix = "", count = "0"] = process.argv.slice(2);
  void putTags(project, layout, prefix, Number(count));
}
