import { Limiter } from "../../async/limiter.js";

/** Requests to one host at a time, as in browsers and apt's pipeline. */
const PER_HOST = 8;

/** Runs at most eight pieces of work per host; the others wait in order. */
export class HostLimits {
  readonly #hosts = new Map<string, Limiter>();

  run<T>(host: string, work: () => Promise<T>): Promise<T> {
    const limiter = this.#hosts.get(host) ?? new Limiter(PER_HOST);
    this.#hosts.set(host, limiter);
    return limiter.run(work);
  }
}
