// Counts of test runs: one JSON line a run in a file, added up to the line that CI reads.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runMain, say } from "./run.mjs";

/** A run of which nothing is known is one failure, never nothing. */
export const lostRun = (label) => ({ label, passed: 0, failed: 1, skipped: [] });

/** Appends a run's counts, `{ label, passed, failed, skipped: [names] }`, to a file. */
export const addRun = (file, run) => appendFileSync(file, `${JSON.stringify(run)}\n`);

/** The runs in such a file; a line that cannot be read counts as a lost run. */
export function parseRuns(text) {
  const parse = (line) => {
    try {
      const { label, passed, failed, skipped } = JSON.parse(line);
      if (Number.isInteger(passed) && Number.isInteger(failed) && Array.isArray(skipped)) return { label, passed, failed, skipped };
    } catch {
      // told below
    }
    return lostRun("unreadable");
  };
  return text.split("\n").filter(Boolean).map(parse);
}

/** All runs as one. */
export const sumRuns = (runs) => ({
  passed: runs.reduce((sum, { passed }) => sum + passed, 0),
  failed: runs.reduce((sum, { failed }) => sum + failed, 0),
  skipped: runs.flatMap(({ skipped }) => skipped),
});

/** `N passed, N failed`, and `, N skipped` where there are any. */
export const formatSum = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`;

/** 0 only where something ran and nothing failed. */
export const exitCodeOf = ({ passed, failed }) => (passed > 0 && failed === 0 ? 0 : 1);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(([file]) => {
    const sum = sumRuns(existsSync(file) ? parseRuns(readFileSync(file, "utf8")) : []);
    say(formatSum(sum));
    return exitCodeOf(sum);
  });
}
