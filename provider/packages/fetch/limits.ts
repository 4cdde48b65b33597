import { Limiter } from "../../async/limiter.js";

/** Requests to one host at a time: what apt's own pipeline and browsers keep to. */
const PER_HOST = 8;

/** Lets at most eight pieces of work run for each host; the others wait in order. */
export class HostLimits {
  readonly #hosts = new Map<string, Limiter>();

  run<T>(host: string, work: () => Promise<T>): Promise<T> {
    const limiter = this.#hosts.get(host) ?? new Limiter(PER_HOST);
    this.#hosts.set(host, limiter);
    return limiter.run(work);
  }
}
