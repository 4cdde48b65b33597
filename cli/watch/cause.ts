import { formatPush, type Push } from "./push.js";

/** Why a stack is brought up to date. */
export type Cause = { readonly kind: "start" | "poll" | "retry" | "many" } | { readonly kind: "push"; readonly push: Push };

/** Causes with the same key are one. */
export function causeKey(cause: Cause): string {
  if (cause.kind !== "push") return cause.kind;
  const { host, repository, tag } = cause.push;
  return `push ${host ?? ""}/${repository}:${tag}`;
}

/** How many pushes a log line names. */
const NAMED = 5;

/** "acme/base:3.13 was pushed", for logs. */
export function formatCauses(causes: readonly Cause[]): string {
  const pushes = causes.flatMap((cause) => (cause.kind === "push" ? [formatPush(cause.push)] : []));
  const more = pushes.length > NAMED ? [`${String(pushes.length - NAMED)} more`] : [];
  const pushed =
    pushes.length === 0 ? [] : [`${[...pushes.slice(0, NAMED), ...more].join(", ")} ${pushes.length === 1 ? "was" : "were"} pushed`];
  return [...causes.flatMap((cause) => (cause.kind === "push" ? [] : [words[cause.kind]])), ...pushed].join(", ");
}

const words = {
  start: "watch starts",
  poll: "it is time to look",
  retry: "the run before failed",
  many: "too many pushes to remember came in",
} as const;
