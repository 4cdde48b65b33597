import type { z } from "zod";
import { formatPath, hasUnknown, isList, isMap, unknown, type Value, type ValueMap } from "../values.js";

/** An invalid input: the path of the property, and the reason with a hint. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

export function describeFailure({ property, reason }: Failure): string {
  return property === "" ? reason : `${property}: ${reason}`;
}

export interface Parsed<T> {
  /** Undefined when there are failures, or when a value is still unknown. */
  readonly value: T | undefined;
  readonly failures: readonly Failure[];
}

/** Validates known values; unknown ones, and those that contain unknowns, are not failures. */
export function parseInputs<T>(schema: z.ZodType<T>, inputs: ValueMap): Parsed<T> {
  const result = schema.safeParse(inputs);
  if (result.success) return { value: hasUnknown(inputs) ? undefined : result.data, failures: [] };
  const failures = result.error.issues.filter((issue) => !touchesUnknown(inputs, issue)).map(describeIssue);
  return {
    value: undefined,
    failures: [...new Map(failures.map((failure) => [`${failure.property} ${failure.reason}`, failure])).values()],
  };
}

function describeIssue(issue: z.core.$ZodIssue): Failure {
  const nested = issue.code === "invalid_union" ? closestBranch(issue) : undefined;
  if (nested !== undefined) return { property: formatPath([...issue.path, ...nested.path]), reason: nested.message };
  return { property: formatPath(issue.path), reason: issue.message };
}

/** The branch of a union that was probably meant: the one that failed deeper in the value, or else the one that failed in a refinement. */
function closestBranch(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue | undefined {
  const all = issue.errors.flat();
  return all.find(({ path }) => path.length > 0) ?? all.find(({ code }) => code === "custom");
}

/** Whether an issue may be caused by an unknown: it is at or below one, or concerns a whole value that contains one. */
function touchesUnknown(value: Value, issue: z.core.$ZodIssue): boolean {
  let here: Value | undefined = value;
  for (const part of issue.path) {
    if (here === unknown || here === undefined) return here === unknown;
    if (isList(here)) here = here[Number(part)];
    else if (isMap(here)) here = here[String(part)];
    else return false;
  }
  const ofTheWhole = issue.code === "invalid_union" || issue.code === "custom";
  return here === unknown || (ofTheWhole && here !== undefined && hasUnknown(here));
}
