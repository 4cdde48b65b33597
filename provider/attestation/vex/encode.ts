import { hexOf, digestOf, type Digest } from "../../image/digest.js";
import type { JsonObject } from "../../image/json.js";
import { OPENVEX } from "../formats/predicate-types.js";
import type { Claim } from "./claim.js";

/** What a document says of one product. */
export interface EncodedProduct {
  readonly id: string;
  /** Parts of an image that are meant; undefined: the product itself. */
  readonly parts?: readonly string[] | undefined;
}

export interface EncodedStatement {
  readonly claim: Claim;
  readonly products: readonly EncodedProduct[];
}

export interface EncodedDocument {
  /** Who merged it. */
  readonly author: string;
  /** RFC 3339. Statements without a time of their own have this one. */
  readonly issued: string;
  /** Of the documents that were merged. */
  readonly sources: readonly Digest[];
  readonly statements: readonly EncodedStatement[];
}

/** What vexctl writes too, where nobody has said what to do. */
const NO_ACTION = "No action statement provided";

/** An OpenVEX document, the same bytes for the same content: it is named by its own digest, and what says something else is another document. */
export function encodeVex({ author, issued, sources, statements }: EncodedDocument): JsonObject {
  const from = [...new Set(sources)].sort();
  const body = {
    author,
    role: "Document Creator",
    timestamp: issued,
    version: 1,
    tooling: from.length === 0 ? "pulumi-dhi" : `pulumi-dhi, from ${from.join(", ")}`,
    statements: statements.map(encodeStatement).sort(inOrder),
  };
  // The namespace of documents whose author has none (OpenVEX 0.2.0, "Public IRI Namespaces").
  return { "@context": OPENVEX, "@id": `https://openvex.dev/docs/public/vex-${hexOf(digestOf(JSON.stringify(body)))}`, ...body };
}

interface EncodedFields {
  readonly vulnerability: { readonly name: string };
}

function encodeStatement({ claim, products }: EncodedStatement): EncodedFields {
  const { vulnerability, status, justification, impact, action, notes, supplier, timestamp } = claim;
  // Its schema allows a justification or an impact statement, not both.
  const words = [notes, justification === undefined ? undefined : impact].filter((text) => text !== undefined && text !== "");
  const { name, aliases } = vulnerability;
  return {
    vulnerability: { name, ...(aliases.length === 0 ? {} : { aliases }) },
    ...defined({ timestamp }),
    products: products.map(({ id, parts }) => ({
      "@id": id,
      ...(parts === undefined ? {} : { subcomponents: parts.map((part) => ({ "@id": part })) }),
    })),
    status,
    ...defined({
      supplier,
      status_notes: words.length === 0 ? undefined : words.join(" "),
      justification,
      impact_statement: justification === undefined ? impact : undefined,
      action_statement: status === "affected" ? (action ?? NO_ACTION) : undefined,
    }),
  } as EncodedFields;
}

function defined(fields: Readonly<Record<string, string | undefined>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function inOrder(one: EncodedFields, other: EncodedFields): number {
  const [first, second] = [one, other].map((fields) => JSON.stringify([fields.vulnerability.name, fields]));
  return (first ?? "") < (second ?? "") ? -1 : 1;
}
