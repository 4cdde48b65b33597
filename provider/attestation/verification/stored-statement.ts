import { z } from "zod";
import { digestOf, digestSchema, type Digest } from "../../image/digest.js";
import { parseJson } from "../../image/json.js";
import { parseStatement } from "../formats/statement.js";
import { refuseStatement } from "./envelope.js";
import { judgeForeign, type Verdict } from "./verdict.js";

const schema = z.object({ layers: z.array(z.object({ digest: digestSchema })).length(1, "is not one statement") });

/**
 * A statement in the form of Docker Hardened Images: the one layer of `manifest`, which refers to the image. The statement itself has no
 * envelope: what was signed, and by whom (`signer`), is the manifest.
 */
export function judgeStoredStatement(manifest: Buffer, statement: Buffer, digest: Digest, signer: string): Verdict {
  return judgeForeign(() => {
    const [layer] = parseJson(manifest, schema, "its manifest").layers;
    const own = digestOf(statement);
    if (layer?.digest !== own)
      return { refusal: `its statement is not the one that was signed: ${own} instead of ${layer?.digest ?? "one"}` };
    const stated = parseStatement(statement, "its statement");
    const refusal = refuseStatement(stated, digest);
    return refusal === undefined ? { signer, statement: stated } : { refusal };
  });
}
