import { Worker } from "node:worker_threads";
import { asError } from "../../errors.js";
import { failureOf, runJob, type Job, type Outcome } from "./work.js";

/** Threads at a time. */
const MOST = 1;
/** Milliseconds after which an idle thread ends. */
const IDLE = 100;
/** A thread with more bytes of heap than this ends at once: installing what it unpacked needs the memory right away. */
const MOST_HEAP = 48 * 1024 ** 2;

/**
 * Runs a job in a thread, whose small heap keeps the memory that it leaves behind small; or here, where starting a thread would take
 * longer than the job. Throws what the job throws.
 */
export async function work(job: Job, inThread: boolean): Promise<void> {
  await (inThread ? pool.run(job) : runJob(job));
}

/** One thread that works, one job at a time. */
class Thread {
  readonly #worker = new Worker(require.resolve("./work-thread.js"), { resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  #timer: NodeJS.Timeout | undefined;
  isAlive = true;

  constructor() {
    this.#worker.once("exit", () => {
      this.isAlive = false;
    });
    // Handled where a job is running.
    this.#worker.on("error", () => {
      this.isAlive = false;
    });
  }

  /** Throws what the job throws, or the error that ended the thread. */
  async run(job: Job): Promise<void> {
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      const settle = (): void => {
        this.#worker.off("message", answered).off("error", failed).off("exit", ended);
      };
      const answered = (answer: Outcome): void => {
        settle();
        resolve(answer);
      };
      const failed = (thrown: unknown): void => {
        settle();
        reject(asError(thrown));
      };
      const ended = (): void => {
        settle();
        reject(new Error("a thread that unpacks packages ended unexpectedly"));
      };
      this.#worker.on("message", answered).on("error", failed).on("exit", ended);
      this.#worker.postMessage(job);
    });
    if (outcome.kind === "failed") throw failureOf(outcome);
    if (outcome.heap > MOST_HEAP) await this.#worker.terminate();
  }

  /** Does not keep the process alive, and ends by itself after a while. */
  rest(ended: () => void): void {
    this.#worker.unref();
    this.#timer = setTimeout(() => {
      ended();
      void this.#worker.terminate();
    }, IDLE).unref();
  }

  wake(): void {
    clearTimeout(this.#timer);
    this.#worker.ref();
  }
}

/** The threads of this process, started when they are needed. */
class Pool {
  #idle: Thread[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  async run(job: Job): Promise<void> {
    if (this.#taken >= MOST) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#taken += 1;
    const thread = this.#idleThread() ?? new Thread();
    thread.wake();
    try {
      await thread.run(job);
    } finally {
      // A thread that failed has exited already.
      if (thread.isAlive) {
        this.#idle.push(thread);
        thread.rest(() => {
          this.#idle = this.#idle.filter((other) => other !== thread);
        });
      }
      // The slot passes to the next in line without being free in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }

  #idleThread(): Thread | undefined {
    let thread = this.#idle.pop();
    while (thread?.isAlive === false) thread = this.#idle.pop();
    return thread;
  }
}

const pool = new Pool();
