import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { asError } from "../../errors.js";
import type { FromDecoder, ToDecoder } from "./xz-messages.js";

/** Threads at a time: each takes some 60 MB (measured), and more where the data was packed with a big dictionary. */
const MOST = Math.max(1, Math.min(2, availableParallelism()));
/** Milliseconds after which a thread that has nothing to do ends. */
const IDLE = 2000;

/** One thread that decodes. Question and answer in turn. */
export class Decoder {
  readonly #worker = new Worker(require.resolve("./xz-thread.js"), { resourceLimits: { maxYoungGenerationSizeMb: 4 } });
  #timer: NodeJS.Timeout | undefined;

  /** Throws what the thread dies of. */
  async ask(question: ToDecoder): Promise<FromDecoder> {
    return await new Promise<FromDecoder>((resolve, reject) => {
      const settle = (): void => {
        this.#worker.off("message", answered).off("error", failed).off("exit", ended);
      };
      const answered = (answer: FromDecoder): void => {
        settle();
        resolve(answer);
      };
      const failed = (thrown: unknown): void => {
        settle();
        reject(asError(thrown));
      };
      const ended = (): void => {
        settle();
        reject(new Error("a thread that decodes xz has ended"));
      };
      this.#worker.on("message", answered).on("error", failed).on("exit", ended);
      this.#worker.postMessage(question);
    });
  }

  /** Lets the process end without it, and ends by itself after a while. */
  rest(ended: () => void): void {
    this.#worker.unref();
    this.#timer = setTimeout(() => {
      ended();
      void this.stop();
    }, IDLE).unref();
  }

  work(): void {
    clearTimeout(this.#timer);
    this.#worker.ref();
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** The threads of this process, made when they are needed. */
class DecoderPool {
  readonly #idle: Decoder[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  async take(): Promise<Decoder> {
    while (this.#taken >= MOST) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken += 1;
    const decoder = this.#idle.pop() ?? new Decoder();
    decoder.work();
    return decoder;
  }

  /** `usable`: it is between two streams. */
  async giveBack(decoder: Decoder, usable: boolean): Promise<void> {
    this.#taken -= 1;
    if (usable) {
      this.#idle.push(decoder);
      decoder.rest(() => this.#idle.splice(this.#idle.indexOf(decoder), 1));
    } else await decoder.stop();
    this.#waiting.shift()?.();
  }
}

export const decoders = new DecoderPool();
