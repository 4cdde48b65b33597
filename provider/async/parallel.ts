/** Runs `work` for every item, at most `jobs` at a time; results are in the order of the items. After an error no more work is started. */
export async function mapParallel<T, R>(items: readonly T[], jobs: number, work: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  let failed = false;
  const runner = async (): Promise<void> => {
    try {
      for (let next = queue.next(); next.done !== true && !failed; next = queue.next()) {
        const [at, item] = next.value;
        results[at] = await work(item, at);
      }
    } catch (thrown) {
      failed = true;
      throw thrown;
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(jobs, 1), items.length) }, runner));
  return results;
}

/** Like `mapParallel`, but what is under way ends before the first error is thrown: what has been written is then known. */
export async function finishParallel<T, R>(items: readonly T[], jobs: number, work: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const failures: unknown[] = [];
  const results = await mapParallel(items, jobs, async (item, at): Promise<readonly { readonly value: R }[]> => {
    if (failures.length > 0) return [];
    try {
      return [{ value: await work(item, at) }];
    } catch (thrown) {
      failures.push(thrown);
      return [];
    }
  });
  if (failures.length > 0) throw failures[0];
  return results.flatMap((one) => one.map(({ value }) => value));
}
