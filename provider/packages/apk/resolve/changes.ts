import { markError, type Run } from "./constrain.js";
import { isMetBy, type NameNode, type Need, type PackageNode } from "./node.js";

/**
 * The chosen packages, reached from world, in the order in which apk installs them: dependencies before a package, `install_if` packages
 * after it. A dependency that is unmet in the end, or met by a package with an error, is an error of the package.
 */
export function listChosen(run: Run, world: readonly Need[], installed: readonly NameNode[]): readonly PackageNode[] {
  const order = new Order(run);
  const path = [order.goThrough(undefined, world, installed)];
  // Iterative: chains can be longer than JavaScript's stack is deep.
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { value } = top.next();
    if (value === undefined) path.pop();
    else path.push(value);
  }
  return order.listed;
}

type Step = Generator<Step, undefined>;

class Order {
  readonly listed: PackageNode[] = [];
  readonly #run: Run;
  readonly #done = new Set<NameNode | PackageNode>();

  constructor(run: Run) {
    this.#run = run;
  }

  *goThrough(owner: PackageNode | undefined, needs: readonly Need[], more: readonly NameNode[] = []): Step {
    for (const { name, dependency } of needs) {
      const found = name.chosen?.package;
      if (!isMetBy(dependency, name.chosen)) markError(this.#run, owner);
      yield this.#add(name);
      if (found !== undefined && this.#run.failed.has(found)) markError(this.#run, owner);
    }
    for (const name of more) yield this.#add(name);
    return undefined;
  }

  *#add(name: NameNode): Step {
    const found = name.chosen?.package;
    if (this.#done.has(name)) return undefined;
    this.#done.add(name);
    if (found === undefined || this.#done.has(found)) return undefined;
    const names = [found.name, ...found.provides.map((provided) => provided.name)];
    for (const one of [found, ...names]) this.#done.add(one);
    yield this.goThrough(found, found.needs);
    this.listed.push(found);
    for (const triggered of names.flatMap((one) => this.#run.graph.namesTriggeredBy(one.name))) {
      const other = triggered.chosen?.package;
      if (other === undefined || !triggered.isSeen || this.#done.has(triggered)) continue;
      if (other.triggers.every(({ name: one, dependency }) => this.#done.has(one) && isMetBy(dependency, one.chosen))) {
        yield this.#add(triggered);
      }
    }
    return undefined;
  }
}
