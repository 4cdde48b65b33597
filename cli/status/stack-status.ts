import { judgeStep } from "./judge.js";
import { previewStack, type Preview } from "./preview.js";
import { findSteps } from "./resource-step.js";
import type { StackImage } from "./stack-image.js";

/** The images of one stack. */
export interface StackStatus {
  readonly project: string;
  readonly stack: string;
  readonly images: readonly StackImage[];
}

export async function readStatus(folder: string, stackName: string | undefined): Promise<StackStatus> {
  return describePreview(await previewStack(folder, stackName));
}

/** The images that a preview planned for, by name. An image of another program, which is only read, is not one of them. */
export function describePreview({ stack, steps, warnings }: Preview): StackStatus {
  // `urn:pulumi:stack::project::type::name`: every preview has at least the stack itself.
  const [first = "", project = ""] = steps[0]?.urn.split("::") ?? [];
  return {
    project,
    stack: first.split(":")[2] ?? stack,
    images: findSteps(steps)
      .map((step) => judgeStep(step, warnings.get(step.urn) ?? []))
      .sort((one, other) => (byName(one) < byName(other) ? -1 : 1)),
  };
}

/** Components may have children of the same name. */
function byName({ name, urn }: StackImage): string {
  return `${name}\0${urn}`;
}
