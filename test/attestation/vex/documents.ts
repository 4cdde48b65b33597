import { parseVex, type VexDocument } from "../../../provider/attestation/vex/document.js";

export type Fields = Readonly<Record<string, unknown>>;

export const author = "Docker Hardened Images <dhi@docker.com>";

/** A statement in the product's form. */
export function statement(vulnerability: string, products: readonly (string | Fields)[], fields: Fields = {}): Fields {
  return {
    vulnerability: { name: vulnerability },
    products: products.map((product) => (typeof product === "string" ? { "@id": product } : product)),
    status: "not_affected",
    justification: "vulnerable_code_not_in_execute_path",
    timestamp: "2026-05-30T08:03:09.927Z",
    ...fields,
  };
}

export function documentBytes(statements: readonly unknown[], fields: Fields = {}): Buffer {
  const head = { "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://dhi.docker.com/vex/vex-1", author, version: 1 };
  return Buffer.from(JSON.stringify({ ...head, timestamp: "2026-05-30T08:03:09Z", statements, ...fields }));
}

export function vexOf(...statements: readonly Fields[]): VexDocument {
  return parseVex(documentBytes(statements), "a document");
}
