import type { DebianPackage } from "./resolve-package.js";

/** Whom a package needs, of those that are to be ordered. */
export type Edges = (found: DebianPackage) => { readonly before: readonly DebianPackage[]; readonly after: readonly DebianPackage[] };

/**
 * What others need first, ties by name. In a loop, what is needed before unpacking (Pre-Depends, `before`) comes first, then by name.
 */
export function orderPackages(packages: readonly DebianPackage[], edges: Edges): readonly DebianPackage[] {
  const sorted = packages.toSorted(byName);
  const loops = findLoops(sorted, (found) => {
    const { before, after } = edges(found);
    return [...before, ...after].toSorted(byName);
  });
  return loops.flatMap((loop) => {
    if (loop.length === 1) return loop;
    const members = new Set(loop);
    const inside = (found: DebianPackage): readonly DebianPackage[] =>
      edges(found)
        .before.filter((one) => members.has(one))
        .toSorted(byName);
    return findLoops(loop.toSorted(byName), inside).flatMap((inner) => inner.toSorted(byName));
  });
}

/** Strongly connected components, each after those that it points at (Tarjan 1972). */
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
    const loop = open.splice(open.indexOf(node));
    for (const member of loop) isOpen.delete(member);
    loops.push(loop);
  };
  for (const node of nodes) if (!numbers.has(node)) visit(node);
  return loops;
}

function byName(one: DebianPackage, other: DebianPackage): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}
