import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";

/** The same text for a tag under all spellings of its repository. */
export function tagKey({ repositories }: Pick<Session, "repositories">, repository: Repository, tag: string): string {
  return `${repositories.key(repository)}:${tag}`;
}
