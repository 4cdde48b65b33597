import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";

/** A tag by its meaning, however its repository is spelled. */
export function tagKey({ repositories }: Pick<Session, "repositories">, repository: Repository, tag: string): string {
  return `${repositories.key(repository)}:${tag}`;
}
