// A reporter for node --test: one line a file, failures in full, skips by name, and the counts as a JSON line in DHI_RUN_FILE.
import { relative } from "node:path";
import { addRun } from "./summary.mjs";

const indent = (text) => text.replace(/^/gm, "    ");

/** The causes of a failure, without the runner's own wrapping. */
export function describeError(error) {
  const cause = error?.code === "ERR_TEST_FAILURE" && error.cause !== undefined ? error.cause : error;
  return String(cause?.stack ?? cause?.message ?? cause);
}

/** Percentages over the files under provider/ and sdk/ of a coverage summary. */
export function sumCoverage(files) {
  const own = files.filter(({ path }) => /[\\/](provider|sdk)[\\/]/.test(path) && !/[\\/]test[\\/]/.test(path));
  const percent = (kind) => {
    const total = own.reduce((sum, file) => sum + file[`total${kind}Count`], 0);
    return total === 0 ? "100.0" : ((100 * own.reduce((sum, file) => sum + file[`covered${kind}Count`], 0)) / total).toFixed(1);
  };
  return `Coverage of ${own.length} files: lines ${percent("Line")} %, branches ${percent("Branch")} %, functions ${percent("Function")} %`;
}

const keptOutput = 4000;

/** What each file said on standard error last: all there is to tell why one did not load. */
class ErrorOutput {
  #texts = new Map();
  add(file, text) {
    this.#texts.set(file, `${this.#texts.get(file) ?? ""}${text}`.slice(-keptOutput));
  }
  read(file) {
    return (this.#texts.get(file) ?? "").trimEnd();
  }
}

export default async function* report(source) {
  const label = process.env.DHI_RUN_LABEL ?? "tests";
  const counts = { passed: 0, failed: 0 };
  const skipped = [];
  const open = new Map();
  const said = new ErrorOutput();
  const failedFiles = new Set();
  for await (const { type, data } of source) {
    const file = data.file ? relative(process.cwd(), data.file) : "";
    const names = open.get(file) ?? [];
    if (type === "test:stderr") {
      said.add(file, data.message);
    } else if (type === "test:start") {
      names[data.nesting] = data.name;
      open.set(file, names.slice(0, data.nesting + 1));
    } else if (type === "test:pass" || type === "test:fail") {
      const isSuite = data.details?.type === "suite";
      // Reported in order of declaration: what encloses this test was named by its start.
      const name = [...names.slice(0, data.nesting), data.name].join(" > ");
      if (data.skip !== undefined || data.todo !== undefined) {
        if (!isSuite) skipped.push(`${file}: ${name}${typeof data.skip === "string" ? ` (${data.skip})` : ""}`);
      } else if (type === "test:pass") {
        if (!isSuite) counts.passed += 1;
      } else if (!isSuite || data.details?.error?.failureType !== "subtestsFailed") {
        counts.failed += 1;
        failedFiles.add(file);
        yield `FAILED ${file}: ${name}\n${indent(describeError(data.details.error))}\n`;
      }
    } else if (type === "test:summary" && data.file) {
      yield `  ${data.success ? "ok    " : "failed"} ${file}: ${data.counts.passed} of ${data.counts.tests}, ${(data.duration_ms / 1000).toFixed(1)} s\n`;
    } else if (type === "test:coverage") {
      yield `${sumCoverage(data.summary.files)}\n`;
    }
  }
  for (const file of failedFiles) {
    const text = said.read(file);
    if (text !== "") yield `Standard error of ${file}, its end:\n${indent(text)}\n`;
  }
  if (skipped.length > 0) yield `Skipped:\n${skipped.map((name) => `  ${name}\n`).join("")}`;
  if (process.env.DHI_RUN_FILE) addRun(process.env.DHI_RUN_FILE, { label, ...counts, skipped });
}
