/** `repository:<name>:<actions>` (distribution project, "Token scope documentation"). */
export type Action = "pull" | "push" | "delete";

export function repositoryScope(name: string, ...actions: readonly Action[]): string {
  return `repository:${name}:${actions.join(",")}`;
}

/** The union of both lists, sorted, with one scope for each resource. */
export function mergeScopes(one: readonly string[], other: readonly string[]): readonly string[] {
  const byResource = new Map<string, Set<string>>();
  for (const scope of [...one, ...other]) {
    const colon = scope.lastIndexOf(":");
    const resource = scope.slice(0, Math.max(colon, 0));
    const actions = byResource.get(resource) ?? new Set<string>();
    for (const action of scope.slice(colon + 1).split(",")) actions.add(action);
    byResource.set(resource, actions);
  }
  return [...byResource].map(([resource, actions]) => `${resource}:${[...actions].toSorted(byName).join(",")}`).toSorted(byName);
}

function byName(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
