import { describe, it } from "mocha";
import { MAX_VEX_BYTES, MAX_VEX_STATEMENTS, parseVex, readVex } from "../../../provider/attestation/vex/document.js";
import { digestOf } from "../../../provider/image/digest.js";
import { expect } from "../../support/expectations.js";
import { author, documentBytes, statement } from "./documents.js";

const product = { "@id": "pkg:deb/debian/curl@8.14.1-2" };
const purl = { type: "deb", namespace: "debian", name: "curl", version: "8.14.1-2", qualifiers: {} };

const readOne = (fields: object): unknown =>
  parseVex(documentBytes([{ ...statement("CVE-2026-1", [product]), ...fields }]), "it").statements[0];

describe("a document in OpenVEX", () => {
  it("is read with its author, and the digest of its bytes", () => {
    const bytes = documentBytes([statement("CVE-2026-1", [product], { status_notes: "see upstream" })]);
    expect(parseVex(bytes, "it")).to.deep.equal({
      author,
      digest: digestOf(bytes),
      statements: [
        {
          vulnerability: { name: "CVE-2026-1", aliases: [] },
          status: "not_affected",
          justification: "vulnerable_code_not_in_execute_path",
          impact: undefined,
          notes: "see upstream",
          supplier: author,
          timestamp: "2026-05-30T08:03:09.927Z",
          products: [{ purl, parts: [] }],
        },
      ],
    });
    expect(readVex(JSON.parse(bytes.toString()) as Record<string, unknown>, "it")).to.deep.equal(parseVex(bytes, "it"));
  });

  const statements: readonly (readonly [string, object, object])[] = [
    ["a name as text, as in version 0.0.1", { vulnerability: "CVE-2" }, { vulnerability: { name: "CVE-2", aliases: [] } }],
    ["products as texts, as in version 0.0.1", { products: [product["@id"]] }, { products: [{ purl, parts: [] }] }],
    [
      "other names, sorted",
      { vulnerability: { name: "a", aliases: ["c", "b", 7, "a"] } },
      { vulnerability: { name: "a", aliases: ["b", "c"] } },
    ],
    [
      "a vulnerability known only by other names",
      { vulnerability: { aliases: ["CVE-2"] } },
      { vulnerability: { name: "CVE-2", aliases: [] } },
    ],
    ["a product by its identifiers", { products: [{ identifiers: { purl: product["@id"] } }] }, { products: [{ purl, parts: [] }] }],
    [
      "parts of a product",
      { products: [{ "@id": "pkg:oci/a", subcomponents: [product, 7] }] },
      { products: [{ purl: { type: "oci", namespace: "", name: "a", version: undefined, qualifiers: {} }, parts: [purl] }] },
    ],
    ["no product of whose parts none can be read", { products: [{ "@id": "pkg:oci/a", subcomponents: [7] }] }, { products: [] }],
    ["no product whose parts are not a list", { products: [{ "@id": "pkg:oci/a", subcomponents: product }] }, { products: [] }],
    [
      "no product that is not named by a package URL",
      { products: [{ "@id": "sha256:ab" }, 7, product] },
      { products: [{ purl, parts: [] }] },
    ],
    ["the time of the document, where the statement has none", { timestamp: undefined }, { timestamp: "2026-05-30T08:03:09Z" }],
    ["the same in place of a time that scanners reject", { timestamp: "yesterday" }, { timestamp: "2026-05-30T08:03:09Z" }],
    ["its own supplier", { supplier: "Acme" }, { supplier: "Acme" }],
    ["why, in words alone", { justification: undefined, impact_statement: "no" }, { justification: undefined, impact: "no" }],
    ["what to do", { status: "affected", action_statement: "Upgrade" }, { status: "affected", action: "Upgrade" }],
  ];
  for (const [what, fields, expected] of statements) {
    it(`gives ${what}`, () => {
      const read = readOne(fields) as Record<string, unknown>;
      expect(Object.fromEntries(Object.keys(expected).map((key) => [key, read[key]]))).to.deep.equal(expected);
    });
  }

  for (const [what, fields] of [
    ["without a status that is known", { status: "harmless" }],
    ["that is not affected for no reason", { justification: undefined }],
    ["that is not affected for an unknown reason", { justification: "trust_me" }],
    ["without a vulnerability", { vulnerability: {} }],
    ["without products", { products: undefined }],
  ] as const) {
    it(`loses a statement ${what}`, () => expect(readOne(fields)).to.equal(undefined));
  }

  it("is refused when it is something else", () => {
    for (const [bytes, message] of [
      ["{", /^it is not JSON$/],
      ["[]", /^it is not an object/],
      ['{"statements":[]}', /^it is not a document in OpenVEX$/],
      [documentBytes([], { "@context": "https://openvex.dev/nsx" }), /^it is not a document in OpenVEX$/],
      [documentBytes([], { statements: {} }), /^it: statements is not a list/],
    ] as const)
      expect(() => parseVex(Buffer.from(bytes), "it")).to.throwError({ code: "invalid", message });
  });

  it("has at most so many statements", () => {
    const many = new Array<number>(MAX_VEX_STATEMENTS).fill(0);
    expect(parseVex(documentBytes(many), "it").statements).to.deep.equal([]);
    expect(() => parseVex(documentBytes([...many, 0]), "it")).to.throwError({
      code: "invalid",
      message: /statements has more than 10000 statements/,
    });
  });

  it("has at most so many bytes", () => {
    const small = documentBytes([]);
    const largest = Buffer.concat([small, Buffer.alloc(MAX_VEX_BYTES - small.length, " ")]);
    expect(parseVex(largest, "it").statements).to.deep.equal([]);
    expect(() => parseVex(Buffer.concat([largest, Buffer.from(" ")]), "it")).to.throwError({
      code: "limit",
      message: "it is larger than 8 MiB",
      hint: /feed/,
    });
  });
});
