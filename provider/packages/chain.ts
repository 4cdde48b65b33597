/** How a package was added: the chain from the requested package to it. Prefixes are shared, as chains may be as long as an archive. */
export interface Chain {
  readonly name: string;
  readonly before: Chain | undefined;
  readonly length: number;
  /** The first names. */
  readonly head: readonly string[];
}

/** Names of a chain that are shown. */
export const MAX_CHAIN = 40;

export function extendChain(before: Chain | undefined, name: string): Chain {
  const { length, head } = before ?? { length: 0, head: [] };
  return { name, before, length: length + 1, head: length < MAX_CHAIN / 2 ? [...head, name] : head };
}

/** Its names; of a long chain those at its ends, with the number of omitted ones between. */
export function chainNames(chain: Chain): readonly string[] {
  const hidden = Math.max(0, chain.length - MAX_CHAIN);
  const tail: string[] = [];
  const rest = chain.length - hidden - chain.head.length;
  for (let at: Chain | undefined = chain; at !== undefined && tail.length < rest; at = at.before) tail.push(at.name);
  return [...chain.head, ...(hidden > 0 ? [`… (${hidden} more) …`] : []), ...tail.reverse()];
}

/** For display: `git -> libcurl -> zlib`. */
export function formatChain(chain: Chain): string {
  return chainNames(chain).join(" -> ");
}
