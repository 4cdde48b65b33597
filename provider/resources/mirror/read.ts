import { formatRepository, isTag, parseRepository } from "../../image/reference.js";
import { isAttachedTag } from "../../pipeline/mirror/attached-tags.js";
import { parseOldMirror } from "../../pipeline/mirror/old-mirror.js";
import { headTags } from "../../pipeline/mirror/tag-states.js";
import type { Session } from "../../pipeline/session.js";
import { omit, type ValueMap } from "../../values.js";
import type { ReadResult } from "../lifecycle.js";
import { identifyMirror } from "./mirror.js";

/** Looks at the destination: the tags as they are. What was copied stays in `copied` where something else is there. */
export async function readMirror(session: Session, id: string, outputs: ValueMap): Promise<ReadResult | undefined> {
  const destination = identifyMirror(outputs);
  const old = parseOldMirror(outputs);
  if (destination === undefined || old === undefined) return { outputs: await readRepository(session, id), inputs: undefined };
  const heads = await headTags(session, { destination }, old.tags);
  const copied = old.tags.flatMap((tag) => {
    const [own] = old.known(tag);
    return own === undefined || own === heads.get(tag) ? [] : [[tag, own] as const];
  });
  const observed = {
    ...omit(outputs, new Set(["copied"])),
    images: Object.fromEntries(heads),
    ...(copied.length === 0 ? {} : { copied: Object.fromEntries(copied) }),
  };
  return { outputs: observed, inputs: observed };
}

/** What another program mirrors, by the name of its destination. */
async function readRepository(session: Session, id: string): Promise<ValueMap> {
  const destination = parseRepository(id);
  const tags = (await session.repositories.open(destination).listTags()).filter((tag) => isTag(tag) && !isAttachedTag(tag));
  const images = Object.fromEntries([...(await headTags(session, { destination }, tags))].map(([tag, digest]) => [tag, digest]));
  return { repository: formatRepository(destination), images, reasons: [] };
}
