import type { Value, ValueMap } from "../values.js";

/** An operation failed midway; `outputs` describe the current state. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly outputs: ValueMap;
  readonly reasons: readonly string[];

  constructor(id: string, outputs: Readonly<Record<string, Value>>, reasons: readonly string[], cause: unknown) {
    super(reasons.join("\n"), { cause });
    this.name = "PartialFailure";
    this.id = id;
    this.outputs = outputs;
    this.reasons = reasons;
  }
}
