import type { Violation } from "./violation.js";

/** The bytes of the added layers, as they are stored. */
export function judgeGrowth(bytes: number, maximum: number): readonly Violation[] {
  if (bytes <= maximum) return [];
  const [has, may] = [bytes, maximum].map((count) => count.toLocaleString("en-US"));
  const hint = "Add less, or raise the limit";
  return [{ rule: "maximumGrowthBytes", message: `the added layers have ${has ?? ""} bytes, more than ${may ?? ""}`, hint }];
}
