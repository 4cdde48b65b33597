import { DhiError } from "../../errors.js";
import { digestOf, type Digest } from "../../image/digest.js";
import type { Session } from "../session.js";
import { markVexSource } from "../sources/vex-source.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Resolution } from "../state/resolution.js";
import { readBaseStatements } from "./base-statements.js";

/** Another one when the VEX of an image may come to something else although the image is the same. Asks the base's registry, and reads `vex.source`. */
export async function vexMark(session: Session, spec: ImageSpec, resolution: Pick<Resolution, "base">): Promise<Digest> {
  const { source, statements = [] } = spec.inputs.vex ?? {};
  const { mark } = await readBaseStatements(session, spec, resolution);
  const now = session.now();
  const holding = statements.filter(({ until }) => until === undefined || until > now);
  return digestOf(JSON.stringify([mark, source === undefined ? "" : await markVexSource(session, source), holding]));
}

/** Whether the VEX has moved since state was written. What cannot be asked is no reason to stop what has not changed. */
export async function hasVexMoved(
  session: Session,
  spec: ImageSpec,
  resolution: Pick<Resolution, "base">,
  before: unknown,
): Promise<boolean> {
  try {
    return (await vexMark(session, spec, resolution)) !== before;
  } catch (thrown) {
    if (thrown instanceof DhiError && thrown.code === "unavailable" && !session.settings.requireFresh) return false;
    throw thrown;
  }
}
