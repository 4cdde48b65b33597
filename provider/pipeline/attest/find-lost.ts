import { mapParallel } from "../../async/parallel.js";
import { blame } from "../../errors.js";
import { isDigest, type Digest } from "../../image/digest.js";
import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import { isThere } from "./attach-to.js";
import type { Attached } from "./attached.js";
import { readPlace } from "./attached-place.js";

const jobs = 4;

/** The subjects of which the destination has lost something that we attached: drift, which attaching again mends. */
export async function findLostAttestations(session: Session, destination: Repository, attached: Attached): Promise<readonly Digest[]> {
  const repository = session.repositories.open(destination);
  const lost = await mapParallel(Object.entries(attached), jobs, async ([subject, { statements }]) => {
    if (!isDigest(subject) || statements.length === 0) return [];
    const place = await blame({ origin: "destination" }, () => readPlace(repository, subject));
    return statements.every((statement) => isThere(place, statement)) ? [] : [subject];
  });
  return lost.flat();
}
