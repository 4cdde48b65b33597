import { formatRepository, type Repository } from "../../image/reference.js";
import type { Memory, Session } from "../../pipeline/session.js";
import type { Failure } from "../parse.js";

/** URNs of this operation's mirrors, by destination, which is their id. */
const holders = new WeakMap<Memory, Map<string, string>>();

/** A mistake where another resource of this program mirrors to the same repository. */
export function refuseSecondMirror({ memory, repositories }: Session, destination: Repository, holder: string): readonly Failure[] {
  const known = holders.get(memory) ?? new Map<string, string>();
  holders.set(memory, known);
  const key = repositories.key(destination);
  const first = known.get(key) ?? holder;
  known.set(key, first);
  if (first === holder) return [];
  const reason = `another Mirror of this program has the destination ${formatRepository(destination)} too. Name another one, or give both selections to one`;
  return [{ property: "destination", reason }];
}
