import type { Repository } from "../../image/reference.js";
import type { Identity } from "../spec/image-spec.js";

/**
 * Which resource of this operation declares, publishes or adopts a tag. The engine creates first and deletes last, so
 * what is claimed here must survive the deletion of another resource that had the same tag.
 */
export class Claims {
  readonly #key: (repository: Repository) => string;
  readonly #holders = new Map<string, string>();

  /** `key`: one text for whatever spelling of a repository. */
  constructor(key: (repository: Repository) => string) {
    this.#key = key;
  }

  /** The tags that another resource holds already; the others are claimed, also of a resource that is refused for these. */
  claim(identity: Identity, holder: string): readonly string[] {
    const names = identity.tags.map((tag) => [tag, this.#name(identity, tag)] as const);
    const taken = names.filter(([, name]) => (this.#holders.get(name) ?? holder) !== holder);
    for (const [, name] of names) if (!this.#holders.has(name)) this.#holders.set(name, holder);
    return taken.map(([tag]) => tag);
  }

  isClaimed(identity: Identity, tag: string): boolean {
    return this.#holders.has(this.#name(identity, tag));
  }

  #name(identity: Identity, tag: string): string {
    return `${this.#key(identity.destination)}:${tag}`;
  }
}
