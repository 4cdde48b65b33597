import { DhiError } from "../../errors.js";
import type { Digest } from "../../image/digest.js";
import { formatReference, type Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import type { TagSpec } from "../spec/image-spec.js";
import { tagKey } from "./tag-key.js";

/**
 * From now on the tags of an image mean in this operation what it will be published as, so that whoever takes one of them as base or
 * artifact gets the same in preview and `up`. Throws `DhiError` "conflict" where somebody was told something else already;
 * `instead`: what the other resource should have been given.
 */
export async function promiseTags(
  session: Session,
  spec: { readonly destination: Repository; readonly tags: readonly TagSpec[] },
  digest: Digest,
  instead = "asBase or ref of this resource",
): Promise<void> {
  const { tags, promised } = session.memory;
  for (const { tag, property } of spec.tags) {
    const key = tagKey(session, spec.destination, tag);
    const told = await tags.get(key)?.catch(() => undefined);
    if (told !== undefined && told !== digest && !promised.has(key)) {
      const name = formatReference({ repository: spec.destination, tag });
      throw new DhiError("conflict", `another resource of this program takes ${name} as it is now, while this one publishes it anew`, {
        property,
        hint: `Give the other one ${instead}, or the option dependsOn`,
      });
    }
    tags.set(key, Promise.resolve(digest));
    // A second check of a replacement may come to other bytes, and has told nobody else.
    promised.add(key);
  }
}
