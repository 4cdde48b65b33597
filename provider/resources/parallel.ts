/** Runs `work` for every item, at most `jobs` at a time; results are in the order of the items. The first error ends it. */
export async function mapParallel<T, R>(items: readonly T[], jobs: number, work: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const runner = async (): Promise<void> => {
    for (const [at, item] of queue) results[at] = await work(item, at);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, runner));
  return results;
}
