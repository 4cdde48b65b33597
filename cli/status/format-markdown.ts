import { shortDigest } from "../../provider/image/digest.js";
import { codeSpan, fitComment, markdownTable } from "../output/markdown.js";
import { summarize } from "./format-text.js";
import type { StackImage } from "./stack-image.js";
import type { StackStatus } from "./stack-status.js";

/** By it, a program that writes comments finds its last one. */
const marker = "<!-- pulumi-dhi status -->";

/** For a comment on a change: a table of the images that are not current, then for each of them its reasons and the packages that move. */
export function formatMarkdown({ project, stack, images }: StackStatus): string {
  const where = codeSpan(`${project}/${stack}`);
  const moved = images.filter(({ status }) => status !== "current");
  const told = images.filter((image) => moved.includes(image) || image.warnings.length > 0);
  const summary = images.length === 0 ? "none" : summarize(images);
  return fitComment([marker, `### Images of ${where}: ${summary}`, ...overview(moved), ...told.flatMap(section)]);
}

function overview(images: readonly StackImage[]): readonly string[] {
  if (images.length === 0) return [];
  const rows = images.map(({ name, status, digest }) => [codeSpan(name), status, shortSpan(digest.old), shortSpan(digest.new)]);
  return ["", ...markdownTable(["image", "status", "from", "to"], rows)];
}

function section({ name, id, reasons, packages, warnings }: StackImage): readonly string[] {
  const items = [...reasons.map((reason) => `- ${codeSpan(reason)}`), ...warnings.map((warning) => `- warning: ${codeSpan(warning)}`)];
  return [
    "",
    `#### ${codeSpan(name)}`,
    ...(id === undefined ? [] : ["", codeSpan(id)]),
    ...(items.length === 0 ? [] : ["", ...items]),
    ...(packages.length === 0 ? [] : ["", ...packageTable(packages)]),
  ];
}

function packageTable(packages: StackImage["packages"]): readonly string[] {
  const rows = packages.map(({ name, old = "", new: now = "", platforms }) => [
    codeSpan(name),
    codeSpan(old),
    codeSpan(now),
    platforms.map(codeSpan).join(", "),
  ]);
  return markdownTable(["package", "from", "to", "platforms"], rows);
}

function shortSpan(digest: string | undefined): string {
  return digest === undefined ? "" : codeSpan(shortDigest(digest));
}
