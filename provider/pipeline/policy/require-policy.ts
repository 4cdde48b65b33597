import { DhiError } from "../../errors.js";
import type { ResourceLog, Session } from "../session.js";
import { openSources } from "../sources/sources.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Policy } from "../spec/policy.js";
import type { Resolution } from "../state/resolution.js";
import type { StoredNotice } from "../state/stored-notices.js";
import { judgeEndOfLife } from "./end-of-life.js";
import { judgeSignedInputs } from "./signed-inputs.js";
import { policyError, type FoundViolation, type Violation } from "./violation.js";

/** Throws `PolicyError` with everything that the image of this spec has against its policy. `found`: on its platforms. */
export function requirePolicy(
  { settings }: Session,
  spec: ImageSpec,
  notices: readonly StoredNotice[],
  found: readonly FoundViolation[],
): void {
  const { policy } = spec.inputs;
  if (policy === undefined) return;
  const unsigned = policy.requireSignedInputs === true ? judgeSignedInputs(spec, settings) : [];
  const error = policyError([
    ...found,
    ...unsigned.map((violation) => ({ ...violation, platform: undefined })),
    ...notices.flatMap((notice) => judgeNotice(policy, notice)),
  ]);
  if (error !== undefined) throw error;
}

function judgeNotice({ noticesAsErrors = [] }: Policy, { kind, message, platform }: StoredNotice): readonly FoundViolation[] {
  if (!noticesAsErrors.some((one) => one === kind)) return [];
  const hint = `Change what it is about, or take ${kind} out of noticesAsErrors`;
  return [{ rule: "noticesAsErrors", message: `the notice ${kind}: ${message}`, hint, platform }];
}

/** What time alone makes of an unchanged image: its base reaches its end of life. What cannot be read now is judged another time. */
export async function judgeAge(
  session: Session,
  spec: ImageSpec,
  resolution: Resolution,
  log: ResourceLog,
): Promise<readonly FoundViolation[]> {
  if (spec.inputs.policy?.forbidEndOfLife !== true || spec.base === undefined) return [];
  try {
    const { base, platforms } = await openSources(session, spec, resolution);
    const found: FoundViolation[] = [];
    for (const platform of platforms) {
      const opened = await base?.platforms.get(platform)?.();
      const annotations = { ...base?.annotations, ...opened?.manifest.annotations };
      const violations: readonly Violation[] = judgeEndOfLife(opened?.config, annotations, session.now());
      found.push(...violations.map((violation) => ({ ...violation, platform })));
    }
    return found;
  } catch (thrown) {
    if (!(thrown instanceof DhiError) || thrown.code === "cancelled" || session.settings.requireFresh) throw thrown;
    log.line("warning", `policy.forbidEndOfLife is not judged: ${thrown.describe()}`);
    return [];
  }
}
