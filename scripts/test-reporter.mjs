// A reporter for mocha: keeps what became of a file's tests as JSON. It is written before each test, so that what is left by a
// process that died says where.
import { readFileSync, writeFileSync } from "node:fs";
import { inspect } from "node:util";
import mocha from "mocha";

const { Base } = mocha.reporters;
const { EVENT_RUN_END, EVENT_HOOK_BEGIN, EVENT_TEST_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = mocha.Runner.constants;

const longest = 400;
const shorten = (text) => (text.length > longest ? `${text.slice(0, longest)} …` : text);
/** Values as they are, to the prototype, -0 and what is undefined; texts as lines. */
const show = (value) =>
  typeof value === "string" ? value : inspect(value, { depth: 20, maxArrayLength: 1000, compact: false, sorted: true });

/** Both values line by line, or nothing where an error has none. */
function describeDifference({ showDiff, actual, expected }) {
  if (!showDiff || (typeof actual !== "object" && typeof actual !== "string")) return "";
  Base.useColors = false;
  Base.inlineDiffs = false;
  return `${Base.generateDiff(show(actual), show(expected)).trim()}\n`;
}

/** The line of the test that failed, where its source can be read. */
function describePlace(stack) {
  const [, file, line] = /\(?(?:file:\/\/)?(\/[^():]*\.test\.m?[jt]s):(\d+):\d+\)?$/m.exec(stack) ?? [];
  try {
    return file === undefined ? "" : `> ${readFileSync(file, "utf8").split("\n")[line - 1].trim()}\n`;
  } catch {
    return "";
  }
}

const isForeign = (line) => /^\s+at .*(node_modules\/(mocha|chai|chai-as-promised)\/|node:internal|\/support\/expectations\.)/.test(line);

/** An error with its difference, its place and its causes, without the frames of the runner. */
export function describeError(error) {
  if (!(error instanceof Error)) return show(error);
  const { message, cause } = error;
  const difference = describeDifference(error);
  const stack = String(error.stack ?? "");
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line) && !isForeign(line));
  const head = `${error.name}: ${difference === "" ? message : shorten(message)}\n`;
  const causes = cause === undefined ? "" : `Caused by: ${describeError(cause)}\n`;
  return `${head}${difference}${describePlace(stack)}${frames.map((line) => `${line}\n`).join("")}${causes}`.trimEnd();
}

/** Not one of mocha's own reporters: these put texts in the place of the values that are compared. */
export default class TestReporter {
  constructor(runner, { reporterOptions: { outcome: file } }) {
    const outcome = { passed: 0, failures: [], skipped: [], running: undefined, ended: false };
    const save = () => writeFileSync(file, JSON.stringify(outcome));
    const nameOf = (test) => test.titlePath().join(" > ");
    const begin = (test) => {
      outcome.running = nameOf(test);
      save();
    };
    save();
    // Before and after each test, it is the test that runs.
    runner.on(EVENT_HOOK_BEGIN, (hook) => /^"(before|after) all"/.test(hook.title) && begin(hook));
    runner.on(EVENT_TEST_BEGIN, begin);
    runner.on(EVENT_TEST_PASS, () => void (outcome.passed += 1));
    runner.on(EVENT_TEST_PENDING, (test) => outcome.skipped.push(nameOf(test)));
    runner.on(EVENT_TEST_FAIL, (test, error) => outcome.failures.push({ name: nameOf(test), text: describeError(error) }));
    runner.once(EVENT_RUN_END, () => {
      outcome.running = undefined;
      outcome.ended = true;
      save();
    });
  }
}
