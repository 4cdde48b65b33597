import { formatReference } from "../../image/reference.js";
import type { Artifact } from "../spec/image-inputs.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Violation } from "./violation.js";

/** What declares who must have signed an image: an input, or stack config for all of them. */
interface Verified {
  readonly verify?: unknown;
}

const rule = "requireSignedInputs";

/** The base and the artifacts whose signatures nothing verifies. `defaults`: of stack config. */
export function judgeSignedInputs({ base, inputs, verify }: ImageSpec & Verified, defaults: object): readonly Violation[] {
  if ("verify" in defaults && defaults.verify !== undefined) return [];
  const artifacts: readonly (Artifact & Verified)[] = inputs.artifacts ?? [];
  const unsigned = artifacts.flatMap(({ image: { text }, verify: own }, at) =>
    own === undefined ? [describe(`the artifact ${text}`, `verify of artifacts[${String(at)}]`)] : [],
  );
  if (base === undefined || verify !== undefined) return unsigned;
  const { repository, tag } = base;
  return [describe(`the base ${formatReference({ repository, tag })}`, "verify"), ...unsigned];
}

function describe(what: string, property: string): Violation {
  return { rule, message: `nothing verifies the signature of ${what}`, hint: `Declare ${property}, or dhi:verify in stack config` };
}
