import { Command } from "commander";
import { parsePlatform, formatPlatform } from "../../provider/image/platform.js";
import { parseReference } from "../../provider/image/reference.js";
import { findVex } from "../../provider/pipeline/statements/find-vex.js";
import { openRepositories } from "../../provider/registry/open.js";
import { DhiError } from "../../provider/errors.js";
import { formatJson } from "../output/json.js";
import { runAction } from "../run-action.js";

const help = `
Prints the OpenVEX document that is attached to the image, for scanners that take a file: grype --vex FILE, trivy --vex FILE. Its signature is not
verified; see pulumi-dhi verify. Exit codes: 0; 1 an error, also where there is none.`;

interface Options {
  readonly platform?: string;
}

export function vexCommand(): Command {
  return new Command("vex")
    .description("what is stated about vulnerabilities of an image")
    .argument("<ref>", "the image: registry/name[:tag][@sha256:…], or oci:path[:tag][@sha256:…]")
    .option("--platform <platform>", "the document of the image for os/architecture; default: of the index, where there is one")
    .addHelpText("after", help)
    .action((ref: string, options: Options) => runAction(() => printVex(ref, options)));
}

async function printVex(ref: string, { platform }: Options): Promise<number> {
  const parsed = platform === undefined ? undefined : parsePlatform(platform);
  if (platform !== undefined && parsed === undefined)
    throw new DhiError("invalid", `"${platform}" is not a valid platform`, { hint: "Write os/architecture, such as linux/arm64" });
  const repositories = openRepositories({ projectDirectory: process.cwd() });
  try {
    const document = await findVex(repositories, parseReference(ref), parsed === undefined ? undefined : formatPlatform(parsed));
    process.stdout.write(formatJson(document));
    return 0;
  } finally {
    await repositories.close();
  }
}
