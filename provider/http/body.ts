import type { Dispatcher } from "undici";
import { DhiError } from "../errors.js";
import { RateGuard, type SlowestRate } from "./rate.js";

/** Most milliseconds and bytes spent on draining an unwanted body so that its connection can be reused. */
const DISCARD_TIME = 2000;
const DISCARD_BYTES = 128 * 1024;

type Readable = Dispatcher.ResponseData["body"];

export interface BodyEvents {
  /** Turns the failure of a body into the error that callers see. */
  readonly explain: (thrown: unknown) => DhiError;
  /** Called once, when the body ended or was abandoned, with the number of bytes received. */
  readonly ended: (received: number) => void;
  /** Default `SLOWEST`. */
  readonly slowest?: SlowestRate | undefined;
}

/** The body of one response: consumed once, always released, its bytes counted. */
export class ResponseBody {
  readonly #readable: Readable;
  readonly #events: BodyEvents;
  #received = 0;
  #taken = false;

  constructor(readable: Readable, events: BodyEvents) {
    this.#readable = readable;
    this.#events = events;
  }

  async *stream(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#take();
    const guard = new RateGuard(this.#events.slowest);
    let since = performance.now();
    try {
      for await (const chunk of this.#readable as AsyncIterable<Uint8Array>) {
        this.#received += chunk.byteLength;
        guard.received(chunk.byteLength, performance.now() - since);
        yield chunk;
        since = performance.now();
      }
    } catch (thrown) {
      throw this.#events.explain(thrown);
    } finally {
      this.#readable.destroy();
      this.#events.ended(this.#received);
    }
  }

  async bytes(limit: number): Promise<Buffer> {
    const { bytes, whole } = await this.head(limit);
    if (!whole) throw new DhiError("limit", `the response is larger than ${limit} bytes`);
    return bytes;
  }

  /** The first `limit` bytes at most; the rest is not read. */
  async head(limit: number): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.stream()) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > limit) return { bytes: Buffer.concat(chunks).subarray(0, limit), whole: false };
    }
    return { bytes: Buffer.concat(chunks), whole: true };
  }

  /** Drains a small rest so that the connection can be reused; closes the connection when the rest is large. */
  async discard(): Promise<void> {
    if (this.#taken) return;
    this.#take();
    // A failure while a body is discarded does not matter.
    await this.#readable.dump({ limit: DISCARD_BYTES, signal: AbortSignal.timeout(DISCARD_TIME) }).catch(() => undefined);
    this.#events.ended(0);
  }

  #take(): void {
    if (this.#taken) throw new Error("the body of a response was consumed twice");
    this.#taken = true;
  }
}
