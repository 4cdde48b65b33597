import { ownValue, type ValueMap } from "../../values.js";
import type { Session } from "../session.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Resolution } from "../state/resolution.js";
import { isComposedHere } from "../tags/promises.js";
import { requireVerified, type ToVerify } from "./verified.js";

/**
 * Verifies the base and the artifacts of an image, by their own policies or that of the stack. Images that this operation composes are not
 * asked: nobody has signed them yet, and what they are made of was verified. Returns what to keep in state. Throws `DhiError`.
 */
export async function verifySources(session: Session, spec: ImageSpec, resolution: Resolution): Promise<ValueMap> {
  const wanted = [...baseOf(session, spec, resolution), ...artifactsOf(session, spec, resolution)];
  return requireVerified(
    session,
    wanted.filter(({ repository, digest }) => !isComposedHere(session, repository, digest)),
  );
}

function baseOf({ settings }: Session, { base, verify, inputs }: ImageSpec, { base: found }: Resolution): readonly ToVerify[] {
  const policy = verify ?? settings.verify;
  if (base === undefined || found === undefined || policy === undefined) return [];
  const declared = verify === undefined ? "dhi:verify" : "verify";
  const property = verify === undefined ? "version" : "verify";
  const { repository, tag } = base;
  return [
    { repository, digest: found.digest, tag, platforms: inputs.platforms, policy, declared, property, origin: "base", what: "the base" },
  ];
}

function artifactsOf({ settings }: Session, { inputs }: ImageSpec, { artifacts }: Resolution): readonly ToVerify[] {
  return (inputs.artifacts ?? []).flatMap(({ image, verify }, at) => {
    const policy = verify ?? settings.verify;
    const digest = ownValue(artifacts, image.text);
    if (policy === undefined || digest === undefined) return [];
    const own = `artifacts[${String(at)}].verify`;
    const [declared, property] = verify === undefined ? ["dhi:verify", `artifacts[${String(at)}].image`] : [own, own];
    const { repository, tag } = image.reference;
    const { platforms } = inputs;
    return [{ repository, digest, tag, platforms, policy, declared, property, origin: "artifact" as const, what: "the artifact" }];
  });
}
