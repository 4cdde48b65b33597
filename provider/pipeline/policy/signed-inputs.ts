import { formatReference } from "../../image/reference.js";
import type { Settings } from "../session.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Violation } from "./violation.js";

const rule = "requireSignedInputs";

/** The base and the artifacts whose signatures nothing verifies. `defaults`: of stack config. */
export function judgeSignedInputs({ base, inputs, verify }: ImageSpec, defaults: Pick<Settings, "verify">): readonly Violation[] {
  if (defaults.verify !== undefined) return [];
  const unsigned = (inputs.artifacts ?? []).flatMap(({ image: { text }, verify: own }, at) =>
    own === undefined ? [describe(`the artifact ${text}`, `verify of artifacts[${String(at)}]`)] : [],
  );
  if (base === undefined || verify !== undefined) return unsigned;
  const { repository, tag } = base;
  return [describe(`the base ${formatReference({ repository, tag })}`, "verify"), ...unsigned];
}

function describe(what: string, property: string): Violation {
  return { rule, message: `nothing verifies the signature of ${what}`, hint: `Declare ${property}, or dhi:verify in stack config` };
}
