import type { BackOff } from "./back-off.js";
import { systemClock } from "./clock.js";
import { Fleet } from "./fleet.js";
import { formatListenAddress, type ListenAddress } from "./listen-address.js";
import { logTo } from "./log.js";
import { WatchMetrics } from "./metrics.js";
import { runOnFailure } from "./on-failure.js";
import { startPolling } from "./poll.js";
import type { WebhookSecret } from "./secret.js";
import { startServer } from "./server.js";
import { onStopSignals } from "./signals.js";
import { openStack } from "./stack.js";
import { createWebhook } from "./webhook.js";

export interface WatchOptions {
  readonly projectFolder: string;
  readonly stacks: readonly string[];
  readonly listen: ListenAddress;
  readonly secret: WebhookSecret;
  /** Milliseconds between polls; undefined: none. */
  readonly poll: number | undefined;
  /** Milliseconds without a further notification before a run. */
  readonly debounce: number;
  readonly backOff: BackOff;
  /** A program to run after a failure. */
  readonly onFailure: string | undefined;
}

/** Keeps stacks up to date until SIGTERM or SIGINT. Throws `DhiError` when it cannot start. */
export async function watch(options: WatchOptions): Promise<void> {
  const clock = systemClock;
  const log = logTo(
    (line) => process.stdout.write(line),
    () => clock.now(),
  );
  const metrics = new WatchMetrics(options.stacks);
  const interrupt = new AbortController();
  const stacks = [];
  for (const name of options.stacks) stacks.push(await openStack(options.projectFolder, name));
  const fleet = new Fleet({
    stacks,
    clock,
    quiet: options.debounce,
    backOff: options.backOff,
    metrics,
    log,
    signal: interrupt.signal,
    onFailure: async (failure) => {
      if (options.onFailure === undefined) return;
      log(`stack ${failure.stack}: ${options.onFailure} ${await runOnFailure(options.onFailure, failure)}`);
    },
  });
  let stopping = false;
  const app = createWebhook({
    secret: options.secret,
    onPush: (push) => fleet.offer({ kind: "push", push }),
    onRequest: (result) => metrics.notified(result),
    metrics: () => metrics.format(),
    isStopping: () => stopping,
    log,
  });
  const server = await startServer(app, options.listen);
  log(`listening on http://${formatListenAddress(server.address)}, for ${options.stacks.join(", ")} in ${options.projectFolder}`);
  const stopPolling = startPolling(clock, options.poll, () => fleet.offer({ kind: "poll" }));
  fleet.offer({ kind: "start" });
  await new Promise<void>((resolve) => {
    onStopSignals(
      (signal) => {
        log(`${signal}: stopping as soon as nothing runs; a second signal interrupts what runs`);
        resolve();
      },
      (signal) => {
        log(`${signal}: interrupting what runs`);
        interrupt.abort();
      },
    );
  });
  stopping = true;
  stopPolling();
  await fleet.stop();
  await server.stop();
  log("stopped");
}
