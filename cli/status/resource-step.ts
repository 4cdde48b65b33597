import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import { fromWire } from "../../provider/pulumi/wire.js";
import type { ValueMap } from "../../provider/values.js";
import { imageTypes, type ImageType } from "./stack-image.js";

/** What preview says of one resource of ours. Secret values are the text `[secret]`. */
export interface ResourceStep {
  readonly op: string;
  readonly urn: string;
  readonly name: string;
  readonly type: ImageType;
  readonly id: string | undefined;
  /** The outputs in state; empty for a new resource. */
  readonly old: ValueMap;
  /** The checked inputs in state. */
  readonly oldInputs: ValueMap;
  /** The checked inputs, which have all outputs. Empty for a resource that goes. */
  readonly new: ValueMap;
  /** Names of properties that the engine found to differ. */
  readonly differing: readonly string[];
}

/** Of several steps of one resource, the one that says most. Others (`read`, `refresh`) do not say what `up` would do. */
const precedence = ["replace", "create-replacement", "update", "create", "same", "delete"];

const typePrefix = "pulumi-nodejs:dynamic/dhi:";

/** One step for each resource of ours, in the order in which the engine came across them. */
export function findSteps(all: readonly StepEventMetadata[]): readonly ResourceStep[] {
  const chosen = new Map<string, ResourceStep>();
  for (const metadata of all) {
    const step = parseStep(metadata);
    if (step === undefined) continue;
    const known = chosen.get(step.urn);
    if (known === undefined || precedence.indexOf(step.op) < precedence.indexOf(known.op)) chosen.set(step.urn, step);
  }
  return [...chosen.values()];
}

function parseStep({ op, urn, type, old, new: now, diffs }: StepEventMetadata): ResourceStep | undefined {
  const found = imageTypes.find((name) => type === typePrefix + name);
  if (found === undefined || !precedence.includes(op)) return undefined;
  const id = [old?.id, now?.id].find((text) => text !== undefined && text !== "");
  return {
    op,
    urn,
    name: nameOf(urn),
    type: found,
    id,
    old: fromWire(old?.outputs ?? old?.inputs),
    oldInputs: fromWire(old?.inputs),
    new: op === "delete" ? {} : fromWire(now?.inputs),
    differing: (diffs ?? []).filter((name) => !name.startsWith("__")),
  };
}

/** `urn:pulumi:stack::project::type::name`; the name itself may have colons. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
