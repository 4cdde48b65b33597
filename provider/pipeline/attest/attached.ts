import { z } from "zod";
import { digestSchema, isDigest, type Digest } from "../../image/digest.js";
import type { ValueMap } from "../../values.js";

/** One statement that was attached, in its two forms. */
export interface AttachedStatement {
  /** Predicate type; of the signature of the image itself, that of cosign. */
  readonly type: string;
  /** Of the statement's bytes. */
  readonly statement: Digest;
  /** The manifest that refers to the subject. */
  readonly referrer: Digest;
  /** Of the layer under the tag of cosign (`markOf`); undefined where nothing was signed. */
  readonly layer?: Digest | undefined;
}

export interface AttachedTo {
  /** Who signed; empty where nothing was signed. */
  readonly signer: string;
  readonly statements: readonly AttachedStatement[];
}

/** What we have attached, by the digest of its subject: an index or a manifest. */
export type Attached = Readonly<Record<Digest, AttachedTo>>;

const schema = z.record(
  digestSchema,
  z.object({
    signer: z.string(),
    statements: z.array(z.object({ type: z.string(), statement: digestSchema, referrer: digestSchema, layer: z.optional(digestSchema) })),
  }),
);

/** The hidden output that keeps it; none where nothing is attached. */
export function describeAttached(attached: Attached): ValueMap {
  if (Object.keys(attached).length === 0) return {};
  const all = Object.fromEntries(
    Object.entries(attached).map(([subject, { signer, statements }]) => [
      subject,
      {
        signer,
        statements: statements.map(({ type, statement, referrer, layer }) => ({
          type,
          statement,
          referrer,
          ...(layer === undefined ? {} : { layer }),
        })),
      },
    ]),
  );
  return { __attached: all };
}

/** From state; nothing where it says nothing, or something that cannot be read. */
export function parseAttached(value: unknown): Attached {
  return schema.safeParse(value).data ?? {};
}

/** What is left without some subjects. */
export function withoutSubjects(attached: Attached, subjects: ReadonlySet<Digest>): Attached {
  return Object.fromEntries(Object.entries(attached).filter(([subject]) => !isDigest(subject) || !subjects.has(subject)));
}
