import { z } from "zod";
import { hexOf, type Digest } from "../../image/digest.js";
import { jsonObject, parseJson, type JsonObject } from "../../image/json.js";

/** What a statement is about. */
export interface Subject {
  readonly name: string;
  /** Algorithm to hexadecimal digits. */
  readonly digest: Readonly<Record<string, string>>;
}

/** in-toto attestation framework, statement v1; v0.1 has the same fields. */
export interface Statement {
  readonly subjects: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

const TYPE = "https://in-toto.io/Statement/v1";

const schema = z.object({
  _type: z.enum([TYPE, "https://in-toto.io/Statement/v0.1"]),
  subject: z.array(z.object({ name: z.string().default(""), digest: z.record(z.string(), z.string()) })).min(1),
  predicateType: z.string(),
  predicate: jsonObject.default({}),
});

export function encodeStatement({ subjects, predicateType, predicate }: Statement): Buffer {
  const subject = subjects.map(({ name, digest }) => ({ name, digest }));
  return Buffer.from(JSON.stringify({ _type: TYPE, subject, predicateType, predicate }));
}

/** `what` names it in errors. Throws `DhiError` "invalid". */
export function parseStatement(bytes: Uint8Array, what: string): Statement {
  const { subject, predicateType, predicate } = parseJson(bytes, schema, what);
  return { subjects: subject, predicateType, predicate };
}

/** Whether a statement is about the image, index or manifest with this digest. */
export function isAbout({ subjects }: Statement, digest: Digest): boolean {
  return subjects.some((subject) => subject.digest["sha256"] === hexOf(digest));
}
