import type { DebianPackage } from "./package.js";

/** The packages that a package needs, among those to order. */
export type Edges = (found: DebianPackage) => { readonly before: readonly DebianPackage[]; readonly after: readonly DebianPackage[] };

/**
 * Dependencies first, ties by name. In a cycle, what is needed before unpacking (Pre-Depends, `before`) comes first, then by name.
 */
export function orderPackages(packages: readonly DebianPackage[], edges: Edges): readonly DebianPackage[] {
  const all = new Map(packages.map((found) => [found, edges(found)]));
  return arrange(packages, (found) => [...(all.get(found)?.before ?? []), ...(all.get(found)?.after ?? [])]).flatMap((loop) => {
    if (loop.length === 1) return loop;
    const members = new Set(loop);
    return arrange(loop, (found) => (all.get(found)?.before ?? []).filter((one) => members.has(one))).flat();
  });
}

/** Cycles, members by name, each after those that it points to; of those that could come next, the one with the first name. */
function arrange(
  nodes: readonly DebianPackage[],
  next: (node: DebianPackage) => readonly DebianPackage[],
): readonly (readonly DebianPackage[])[] {
  const loops: readonly (readonly DebianPackage[])[] = findLoops(nodes, next).map((loop) => loop.toSorted(byName));
  const loopOf = new Map(loops.flatMap((loop) => loop.map((node) => [node, loop] as const)));
  const waiting = new Map<readonly DebianPackage[], number>();
  const users = new Map<readonly DebianPackage[], (readonly DebianPackage[])[]>();
  for (const loop of loops) {
    const needed = new Set(loop.flatMap((node) => next(node).flatMap((one) => [loopOf.get(one) ?? []])));
    needed.delete(loop);
    waiting.set(loop, needed.size);
    for (const one of needed) {
      const known = users.get(one);
      if (known === undefined) users.set(one, [loop]);
      else known.push(loop);
    }
  }
  const ready = loops.filter((loop) => waiting.get(loop) === 0);
  const arranged: (readonly DebianPackage[])[] = [];
  while (ready.length > 0) {
    const least = ready.reduce((one, other) => (nameOf(other) < nameOf(one) ? other : one));
    ready.splice(ready.indexOf(least), 1);
    arranged.push(least);
    for (const user of users.get(least) ?? []) {
      const left = (waiting.get(user) ?? 0) - 1;
      waiting.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
  return arranged;
}

function nameOf(loop: readonly DebianPackage[]): string {
  return loop[0]?.name ?? "";
}

/** Strongly connected components, each after those that it points to (Tarjan 1972). */
function findLoops(nodes: readonly DebianPackage[], next: (node: DebianPackage) => readonly DebianPackage[]): DebianPackage[][] {
  const numbers = new Map<DebianPackage, number>();
  const low = new Map<DebianPackage, number>();
  const open: DebianPackage[] = [];
  const isOpen = new Set<DebianPackage>();
  const loops: DebianPackage[][] = [];
  const visit = (root: DebianPackage): void => {
    const path = [{ node: root, rest: enter(root) }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { node, rest } = top;
      const child = rest.shift();
      if (child === undefined) {
        path.pop();
        leave(node, path.at(-1)?.node);
      } else if (!numbers.has(child)) path.push({ node: child, rest: enter(child) });
      else if (isOpen.has(child)) lower(node, numbers.get(child) ?? 0);
    }
  };
  const enter = (node: DebianPackage): DebianPackage[] => {
    numbers.set(node, numbers.size);
    low.set(node, numbers.size - 1);
    open.push(node);
    isOpen.add(node);
    return [...next(node)];
  };
  const lower = (node: DebianPackage, number: number): void => {
    low.set(node, Math.min(low.get(node) ?? number, number));
  };
  const leave = (node: DebianPackage, parent: DebianPackage | undefined): void => {
    if (parent !== undefined) lower(parent, low.get(node) ?? 0);
    if (low.get(node) !== numbers.get(node)) return;
    const loop = open.splice(open.lastIndexOf(node));
    for (const member of loop) isOpen.delete(member);
    loops.push(loop);
  };
  for (const node of nodes) if (!numbers.has(node)) visit(node);
  return loops;
}

function byName(one: DebianPackage, other: DebianPackage): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}
