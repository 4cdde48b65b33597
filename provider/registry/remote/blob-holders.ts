import type { Digest } from "../../image/digest.js";
import type { RegistryRepository } from "../../image/reference.js";
import { canonicalHost } from "../host.js";

/**
 * Which repositories have received a blob in this operation. A second repository of the same registry waits for the first upload and mounts the
 * blob from there, instead of sending it again.
 */
export class BlobHolders {
  readonly #first = new Map<string, Promise<RegistryRepository | undefined>>();

  /** `send` gets the repository to mount from; it is undefined for the first, and after a failure of the first. */
  async share<T>(digest: Digest, to: RegistryRepository, send: (from: RegistryRepository | undefined) => Promise<T>): Promise<T> {
    const key = `${canonicalHost(to.host)} ${digest}`;
    const first = this.#first.get(key);
    if (first !== undefined) return await send(await first);
    const sent = send(undefined);
    const held = sent.then(
      () => to,
      () => {
        this.#first.delete(key);
        return undefined;
      },
    );
    this.#first.set(key, held);
    return await sent;
  }
}
