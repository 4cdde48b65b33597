import { DhiError } from "../../errors.js";
import type { ResourceLog, Session } from "../session.js";
import type { Sources } from "../sources/sources.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Resolution } from "../state/resolution.js";
import type { PackageRipening } from "./package-ripening.js";
import { declaredRequests, resolvePackages } from "./resolve-packages.js";
import type { ResolvedPackages } from "./resolved-packages.js";

type Versions = Resolution["packages"];

/**
 * Resolves the declared packages, each in the version of state while a newer one is too young. Where the archives do not have what would let
 * it stay: undefined if nothing else changes (`mayStay`) and the image can stay as it is, else what the archives have.
 */
export async function resolveRipePackages(
  session: Session,
  spec: ImageSpec,
  sources: Sources,
  ripening: PackageRipening,
  mayStay: boolean,
  log: ResourceLog,
): Promise<ResolvedPackages | undefined> {
  const newest = await resolvePackages(session, spec, sources, undefined, log);
  const requests = declaredRequests(spec.inputs, newest.distribution);
  const pinned = new Set(requests.flatMap(({ name, version }) => (version === undefined ? [] : [name])));
  let plan = newest;
  let held: Versions = {};
  for (;;) {
    const merged = merge(held, ripening.heldFor(plan, pinned));
    if (count(merged) === count(held)) {
      ripening.tell(sources.platforms);
      return plan;
    }
    held = merged;
    try {
      plan = await resolvePackages(session, spec, sources, { versions: held, upgraded: false }, log);
    } catch (thrown) {
      if (!(thrown instanceof DhiError) || !["not-found", "conflict", "limit"].includes(thrown.code)) throw thrown;
      if (mayStay && ripening.isAllYoung(newest)) {
        ripening.tell(sources.platforms);
        return undefined;
      }
      ripening.giveUp(sources.platforms);
      return newest;
    }
  }
}

function merge(one: Versions, other: Versions): Versions {
  const platforms = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(platforms.map((platform) => [platform, { ...other[platform], ...one[platform] }]));
}

function count(versions: Versions): number {
  return Object.values(versions).reduce((sum, names) => sum + Object.keys(names).length, 0);
}
