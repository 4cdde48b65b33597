import { formatMetrics, type MetricFamily } from "./metrics-text.js";

const runResults = ["changed", "unchanged", "failed", "cancelled"] as const;
/** How an `up` ended. */
export type RunResult = (typeof runResults)[number];

const notificationResults = ["accepted", "ignored", "unauthorized", "invalid", "too_large"] as const;
/** What became of a request to the webhook: "ignored" concerned no stack. */
export type NotificationResult = (typeof notificationResults)[number];

interface StackCounts {
  readonly results: Record<RunResult, number>;
  runs: number;
  seconds: number;
  failures: number;
  running: boolean;
  lastSuccess: number | undefined;
}

const PREFIX = "pulumi_dhi_watch";

/** Counts what a watch has done since it started. */
export class WatchMetrics {
  readonly #stacks: ReadonlyMap<string, StackCounts>;
  readonly #notifications = new Map<NotificationResult, number>(notificationResults.map((result) => [result, 0]));

  constructor(stacks: readonly string[]) {
    const zero = { changed: 0, unchanged: 0, failed: 0, cancelled: 0 };
    this.#stacks = new Map(
      stacks.map((name) => [name, { results: { ...zero }, runs: 0, seconds: 0, failures: 0, running: false, lastSuccess: undefined }]),
    );
  }

  notified(result: NotificationResult): void {
    this.#notifications.set(result, (this.#notifications.get(result) ?? 0) + 1);
  }

  started(stack: string): void {
    const counts = this.#stacks.get(stack);
    if (counts !== undefined) counts.running = true;
  }

  /** `at`, `milliseconds`: when the run ended, and how long it took. */
  ended(stack: string, result: RunResult, at: number, milliseconds: number): void {
    const counts = this.#stacks.get(stack);
    if (counts === undefined) return;
    counts.running = false;
    counts.results[result] += 1;
    counts.runs += 1;
    counts.seconds += milliseconds / 1000;
    if (result === "failed") counts.failures += 1;
    if (result !== "changed" && result !== "unchanged") return;
    counts.failures = 0;
    counts.lastSuccess = at / 1000;
  }

  /** For Prometheus. */
  format(): string {
    const stacks = [...this.#stacks];
    const each = (value: (counts: StackCounts) => number) => stacks.map(([stack, counts]) => ({ labels: { stack }, value: value(counts) }));
    const families: readonly MetricFamily[] = [
      {
        name: `${PREFIX}_runs_total`,
        help: "Runs of pulumi up that have ended, by result.",
        type: "counter",
        samples: stacks.flatMap(([stack, { results }]) =>
          runResults.map((result) => ({ labels: { stack, result }, value: results[result] })),
        ),
      },
      { name: `${PREFIX}_running`, help: "1 while pulumi up runs.", type: "gauge", samples: each(({ running }) => (running ? 1 : 0)) },
      {
        name: `${PREFIX}_last_success_timestamp_seconds`,
        help: "When a run last succeeded, in seconds since 1970. Absent before the first.",
        type: "gauge",
        samples: stacks.flatMap(([stack, { lastSuccess }]) =>
          lastSuccess === undefined ? [] : [{ labels: { stack }, value: lastSuccess }],
        ),
      },
      {
        name: `${PREFIX}_failures`,
        help: "Runs that failed since the last success.",
        type: "gauge",
        samples: each(({ failures }) => failures),
      },
      {
        name: `${PREFIX}_run_duration_seconds`,
        help: "How long runs took.",
        type: "summary",
        samples: stacks.flatMap(([stack, { seconds, runs }]) => [
          { suffix: "_sum", labels: { stack }, value: seconds },
          { suffix: "_count", labels: { stack }, value: runs },
        ]),
      },
      {
        name: `${PREFIX}_notifications_total`,
        help: "Requests to the webhook, by result.",
        type: "counter",
        samples: [...this.#notifications].map(([result, value]) => ({ labels: { result }, value })),
      },
    ];
    return formatMetrics(families);
  }
}
