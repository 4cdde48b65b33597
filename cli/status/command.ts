import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command, Option } from "commander";
import { DhiError } from "../../provider/errors.js";
import { formatJson } from "../output/json.js";
import { FAILED, runAction } from "../run-action.js";
import { areCurrent } from "./stack-image.js";
import { formatMarkdown } from "./format-markdown.js";
import { formatText } from "./format-text.js";
import { readStatus } from "./stack-status.js";

/** Exit code when `up` would change an image. */
export const STALE = 2;

const help = `
Runs a preview, and changes nothing. Exit codes: 0 all images are current, 2 up would change one, 1 an error.`;

interface Options {
  readonly stack?: string;
  readonly cwd: string;
  readonly json?: true;
  readonly markdown?: true;
}

export function statusCommand(): Command {
  return new Command("status")
    .description("which images of a Pulumi stack are stale, and why")
    .option("-s, --stack <name>", "the stack; default: the selected one")
    .option("-C, --cwd <folder>", "the folder of the Pulumi project", ".")
    .addOption(new Option("--json", "print JSON").conflicts("markdown"))
    .addOption(new Option("--markdown", "print Markdown, for a comment on a change"))
    .addHelpText("after", help)
    .action((options: Options) => runAction(() => printStatus(options)));
}

async function printStatus({ stack, cwd, json, markdown }: Options): Promise<number> {
  const folder = resolve(cwd);
  // A folder that does not exist looks to who starts a program in it like a program that does not.
  if (!existsSync(folder)) throw new DhiError("not-found", `--cwd: the folder ${folder} does not exist`);
  const found = await readStatus(folder, stack);
  const format = json === true ? formatJson : markdown === true ? formatMarkdown : formatText;
  process.stdout.write(format(found));
  if (found.images.some(({ status }) => status === "failed")) return FAILED;
  return areCurrent(found.images) ? 0 : STALE;
}
