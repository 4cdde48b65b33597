import { z } from "zod";
import { DhiError } from "../../errors.js";
import { digestOf, type Digest } from "../../image/digest.js";
import { parseJson, type JsonObject } from "../../image/json.js";
import { listOf, orAbsent } from "../../image/lenient.js";
import { parsePurl, type PackageUrl } from "../parse-purl.js";
import { vexJustifications, vexStatuses, type Claim } from "./claim.js";

/** Largest document that is read. That of the product's Python images has 0.3 MiB. */
export const MAX_VEX_BYTES = 8 * 1024 * 1024;
export const MAX_VEX_STATEMENTS = 10_000;

/** A claim, and what it is about. */
export interface VexStatement extends Claim {
  readonly products: readonly VexProduct[];
}

export interface VexProduct {
  readonly purl: PackageUrl;
  /** Parts of the product that it is about; empty: the product as a whole. */
  readonly parts: readonly PackageUrl[];
}

/** An OpenVEX document, as far as it can be used. */
export interface VexDocument {
  readonly author: string;
  /** Of its bytes. */
  readonly digest: Digest;
  readonly statements: readonly VexStatement[];
}

/** As Go reads it (RFC 3339, section 5.6): scanners reject a document with any other. */
const timestamp = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/)
  .refine((text) => !Number.isNaN(Date.parse(text)));
const named = z.object({ "@id": orAbsent(z.string()), identifiers: orAbsent(z.object({ purl: orAbsent(z.string()) })) });
// One that cannot be read still counts, since a product without any is meant as a whole.
const product = named.extend({ subcomponents: z.array(named.catch({ "@id": undefined, identifiers: undefined })).optional() });
// Version 0.0.1 has names in place of objects.
const vulnerability = z.union([
  z.string().transform((name) => ({ "@id": undefined, name, aliases: undefined })),
  z.object({ "@id": orAbsent(z.string()), name: orAbsent(z.string()), aliases: orAbsent(listOf(z.string())) }),
]);
const statement = z.object({
  vulnerability,
  products: listOf(z.union([product, z.string().transform((id) => ({ "@id": id, identifiers: undefined, subcomponents: undefined }))])),
  status: z.enum(vexStatuses),
  justification: orAbsent(z.enum(vexJustifications)),
  impact_statement: orAbsent(z.string()),
  action_statement: orAbsent(z.string()),
  status_notes: orAbsent(z.string()),
  supplier: orAbsent(z.string()),
  timestamp: orAbsent(timestamp),
});
const schema = z.object({
  "@context": orAbsent(z.string()),
  author: orAbsent(z.string()),
  timestamp: orAbsent(timestamp),
  statements: z
    .array(z.unknown())
    .max(MAX_VEX_STATEMENTS, `has more than ${String(MAX_VEX_STATEMENTS)} statements`)
    .default([]),
});

/**
 * Reads an OpenVEX document (0.2.0; 0.0.x has the same fields). Statements that are not valid, and products that are not named by a package URL, are
 * left out. `what` names it in errors. Throws `DhiError` "invalid", "limit".
 */
export function parseVex(bytes: Uint8Array, what: string): VexDocument {
  if (bytes.byteLength > MAX_VEX_BYTES) throw tooLarge(what);
  const { "@context": context = "", author = "unknown", statements, timestamp: inherited } = parseJson(bytes, schema, what);
  if (!/^https:\/\/openvex\.dev\/ns(?:\/|$)/.test(context)) {
    throw new DhiError("invalid", `${what} is not a document in OpenVEX`, {
      hint: "Its @context has to be https://openvex.dev/ns/v0.2.0; CycloneDX and CSAF are not read",
    });
  }
  return {
    author,
    digest: digestOf(bytes),
    statements: statements.flatMap((item) => {
      const { success, data } = statement.safeParse(item);
      return success ? readStatement(data, author, inherited) : [];
    }),
  };
}

/** Reads the document that a statement has as its predicate. */
export function readVex(predicate: JsonObject, what: string): VexDocument {
  return parseVex(Buffer.from(JSON.stringify(predicate)), what);
}

function tooLarge(what: string): DhiError {
  return new DhiError("limit", `${what} is larger than ${String(MAX_VEX_BYTES / 1024 / 1024)} MiB`, {
    hint: "Use the document of one image, or a feed with one document for each package",
  });
}

function readStatement(read: z.output<typeof statement>, author: string, inherited: string | undefined): readonly VexStatement[] {
  const { status, justification, impact_statement: impact, status_notes: notes } = read;
  const { name = read.vulnerability.aliases?.[0] ?? read.vulnerability["@id"], aliases = [] } = read.vulnerability;
  // Nothing says why it is not affected, as it must: it would hide a vulnerability.
  if (name === undefined || name === "" || (status === "not_affected" && justification === undefined && impact === undefined)) return [];
  return [
    {
      vulnerability: { name, aliases: [...new Set(aliases)].filter((alias) => alias !== name).sort() },
      status,
      ...(status === "not_affected" ? { justification, impact } : {}),
      ...(status === "affected" ? { action: read.action_statement } : {}),
      notes,
      supplier: read.supplier ?? author,
      timestamp: read.timestamp ?? inherited,
      products: read.products.flatMap((item) => {
        const parts = item.subcomponents?.flatMap(purlsOf) ?? [];
        // A product of whose parts none can be read is not meant as a whole.
        if (parts.length === 0 && (item.subcomponents?.length ?? 0) > 0) return [];
        return purlsOf(item).map((purl) => ({ purl, parts }));
      }),
    },
  ];
}

function purlsOf(item: z.output<typeof named>): readonly PackageUrl[] {
  const texts = new Set([item["@id"] ?? "", item.identifiers?.purl ?? ""]);
  return [...texts].flatMap((text) => parsePurl(text) ?? []);
}
