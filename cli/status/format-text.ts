import { shortDigest } from "../../provider/image/digest.js";
import { terminalText } from "../../provider/text/terminal-text.js";
import { alignColumns } from "../output/columns.js";
import { statuses, type StackImage, type Move } from "./stack-image.js";
import type { StackStatus } from "./stack-status.js";

/** A line for each image, with the reasons and warnings below it, and a summary. */
export function formatText({ project, stack, images }: StackStatus): string {
  const where = `${project}/${stack}`;
  if (images.length === 0) return `${where} has no images of pulumi-dhi\n`;
  const rows = images.map(({ name, type, status, digest }) => [oneLine(name), type, status, formatMove(digest)]);
  const [heading = "", ...lines] = alignColumns([["image", "type", "status", "digest"], ...rows]);
  const blocks = images.flatMap((image, at) => [lines[at] ?? "", ...detailsOf(image).map((line) => `  ${line}`)]);
  return `${[heading, ...blocks, "", `${where}: ${summarize(images)}`].join("\n")}\n`;
}

function detailsOf({ reasons, warnings }: StackImage): readonly string[] {
  return [...reasons.map(oneLine), ...warnings.map((warning) => `warning: ${oneLine(warning)}`)];
}

function formatMove({ old, new: now }: Move): string {
  const [before, after] = [old, now].map((digest) => (digest === undefined ? "" : shortDigest(digest)));
  if (before === after) return before ?? "";
  return [before, after].filter((text) => text !== "").join(" → ");
}

function oneLine(text: string): string {
  return terminalText(text.replaceAll("\n", " "));
}

/** `1 stale, 2 current` */
export function summarize(images: readonly StackImage[]): string {
  const counts = statuses.map((status) => [status, images.filter((image) => image.status === status).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${String(count)} ${status}`)
    .join(", ");
}
