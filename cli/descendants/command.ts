import { Command, Option } from "commander";
import { parseReference } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { formatJson } from "../output/json.js";
import { runAction } from "../run-action.js";
import { findDescendants } from "./find-descendants.js";
import { formatText } from "./format-text.js";
import { parsePlace } from "./places.js";

const help = `
A place is a repository (registry/name or oci:path), a registry (registry.example.com), or a namespace of one, with a slash at its end
(registry.example.com/acme/). Exit codes: 0, also with warnings; 1 an error.`;

interface Options {
  readonly in: readonly string[];
  readonly by?: string;
  readonly json?: true;
}

export function descendantsCommand(): Command {
  return new Command("descendants")
    .description("which images are built on a base, and which of them are behind it")
    .argument("<base>", "the base: registry/name[:tag], or oci:path[:tag]; without a tag, under any tag")
    .addOption(new Option("--in <place...>", "where to look").makeOptionMandatory())
    .option("--by <annotation>", "the annotation or label that says whose an image is")
    .option("--json", "print JSON")
    .addHelpText("after", help)
    .action((base: string, options: Options) => runAction(() => printDescendants(base, options)));
}

async function printDescendants(base: string, { in: places, by, json }: Options): Promise<number> {
  const repositories = openRepositories({ projectDirectory: process.cwd() });
  try {
    const search = { repositories, base: parseReference(base), places: places.map(parsePlace), owner: by };
    const found = await findDescendants(search);
    process.stdout.write(json === true ? formatJson(found) : formatText(found));
    return 0;
  } finally {
    await repositories.close();
  }
}
