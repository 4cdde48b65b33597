import type { Repository } from "../../image/reference.js";
import type { Identity } from "../spec/image-spec.js";

/**
 * Which resource of this operation declares, publishes or adopts a tag. The engine creates first and deletes last, so
 * a claimed tag must survive the deletion of another resource that had the same tag.
 */
export class Claims {
  readonly #key: (repository: Repository) => string;
  readonly #holders = new Map<string, string>();

  /** `key`: the same text for all spellings of a repository. */
  constructor(key: (repository: Repository) => string) {
    this.#key = key;
  }

  /** Returns the tags that another resource has claimed. The others are claimed, even for a resource that is then rejected. */
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
