import { DhiError } from "../../errors.js";
import { digestSchema, type Digest } from "../../image/digest.js";
import { formatRepository } from "../../image/reference.js";
import { mapOf } from "../../image/lenient.js";
import { deleteMirrored } from "../../pipeline/mirror/delete-images.js";
import { mirrorDerived } from "../../pipeline/mirror/output-names.js";
import { publishMirror, type MirrorRequest } from "../../pipeline/mirror/publish-mirror.js";
import { equalValues, isMap, omit, type ValueMap } from "../../values.js";
import type { Lifecycle } from "../lifecycle.js";
import { describeFailure, parseInputs } from "../parse.js";
import { checkMirror } from "./check.js";
import { identifyMirror, mirrorSchema } from "./mirror.js";
import { readMirror } from "./read.js";

/** A repository that is kept in step with another. */
export const mirrorLifecycle: Lifecycle = {
  secrecy: {
    dictionaries: new Set(),
    paths: new Set(),
    names: new Set(["repository", "images", "attached", "replaced", "copied", "drift"]),
    anywhere: [],
  },
  identify: idOf,
  check: checkMirror,
  diff: (id, olds, news) => {
    if (equalValues(olds, news)) return undefined;
    return idOf(news) === id ? [] : ["destination"];
  },
  create: async (session, inputs, log) => {
    const request = parseChecked(inputs);
    const id = formatRepository(request.spec.destination);
    return { id, outputs: await publishMirror(session, id, request, undefined, log) };
  },
  update: (session, id, olds, news, log) => publishMirror(session, id, parseChecked(news), olds, log),
  read: readMirror,
  delete: async (session, _id, outputs, log) => {
    const destination = identifyMirror(outputs);
    if (outputs["deleteImages"] === true && destination !== undefined) await deleteMirrored(session, { destination }, outputs, log);
  },
};

function idOf(inputs: ValueMap): string | undefined {
  const destination = identifyMirror(inputs);
  return destination === undefined ? undefined : formatRepository(destination);
}

const digests = mapOf(digestSchema);

/** Checked inputs once more as what they are. Throws what check has deferred. */
function parseChecked(checked: ValueMap): MirrorRequest {
  if (typeof checked["failure"] === "string") throw new DhiError("invalid", checked["failure"]);
  const { value: spec, failures } = parseInputs(mirrorSchema, omit(checked, mirrorDerived));
  const { images, attached } = checked;
  if (spec === undefined || !isMap(images) || !isMap(attached)) {
    const reasons = failures.map(describeFailure).join("\n");
    throw new DhiError("invalid", `the checked inputs are not what check returns${reasons === "" ? "" : `: ${reasons}`}`);
  }
  const tags: readonly (readonly [string, Digest])[] = Object.entries(digests.parse(images));
  return {
    spec,
    images: tags.map(([tag, digest]) => ({ tag, digest, property: "select" })),
    attached: digests.parse(attached),
    checked,
  };
}
