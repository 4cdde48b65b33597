import { parsePurl } from "../../provider/attestation/parse-purl.js";
import { parseVex } from "../../provider/attestation/vex/document.js";
import { parseFeedIndex } from "../../provider/attestation/vex/feed.js";
import { vexStatements } from "../../provider/attestation/vex/vex-statements.js";
import { parseStatement } from "../../provider/attestation/formats/statement.js";
import { formatPurl } from "../../provider/attestation/purl.js";
import { digestOf } from "../../provider/image/digest.js";
import { parseRepository } from "../../provider/image/reference.js";
import { breaches } from "../attestation/vex/openvex-rules.js";
import { documentBytes, statement } from "../attestation/vex/documents.js";
import { alpine, debian } from "../attestation/vex/packages.js";
import { expect } from "../support/expectations.js";
import { mustRead, textOf, type Target } from "./target.js";

const packages = [
  debian("curl", "1:8-2", { source: { name: "c", version: "1:8-2" } }),
  debian("d", "1", { origin: "upgraded" }),
  alpine("a", "1-r0"),
];
const products = [
  "pkg:deb/debian/curl@1:8-2",
  "pkg:deb/debian/c@8-2?epoch=1&os_name=debian",
  "pkg:apk/alpine/a",
  { "@id": "pkg:oci/x", subcomponents: [{ "@id": "pkg:deb/debian/curl" }] },
];

/** Whatever a document says, what is made of it keeps the rules of OpenVEX, and is about packages that are unchanged. */
const vex: Target = {
  name: "vex",
  seeds: [
    documentBytes([statement("CVE-1", products), statement("CVE-2", products, { status: "affected", action_statement: "Wait" })]),
    documentBytes([statement("CVE-1", products, { justification: undefined, impact_statement: "no", supplier: "x" })]),
  ],
  words: [
    "pkg:deb/debian/curl",
    "@1:8-2",
    "?epoch=1",
    "&arch=amd64",
    "&os_version=13",
    "%2B",
    "fixed",
    '"aliases":["CVE-1"],',
    '"timestamp":"2026-01-01T00:00:00.5+02:00",',
    "\\ud800",
    "\\u0000",
    '"__proto__":',
  ],
  limit: 8192,
  run: (input) => {
    const documents = [parseVex(input, "it")];
    const platform = { platform: "linux/amd64", manifest: digestOf("m"), packages, documents };
    const image = {
      repository: parseRepository("a.b/c"),
      index: digestOf("i"),
      created: undefined,
      base: [],
      declared: [],
      platforms: [platform],
    };
    for (const { bytes } of vexStatements(image).statements) {
      const { predicate } = mustRead("a statement", () => parseStatement(bytes, "it"));
      expect(breaches(predicate)).to.deep.equal([]);
      expect(JSON.stringify(predicate)).to.not.include("pkg:deb/debian/d@");
      expect(mustRead("a document", () => parseVex(Buffer.from(JSON.stringify(predicate)), "it")).statements).to.not.have.length(0);
    }
  },
};

const purls: Target = {
  name: "package-urls",
  seeds: products.filter((product) => typeof product === "string"),
  words: ["pkg:", "//", "@", "%", "%2F", "?", "&", "=", "#", "arch=", "\ufffd"],
  limit: 1024,
  run: (input) => {
    const read = parsePurl(textOf(input));
    if (read === undefined) return;
    const { qualifiers, version, ...rest } = read;
    const text = formatPurl({ ...rest, ...(version === undefined ? {} : { version }) }, qualifiers);
    expect(parsePurl(text)?.name).to.equal(read.name);
  },
};

const feeds: Target = {
  name: "vex-feed",
  seeds: [JSON.stringify({ packages: [{ id: "pkg:deb/debian/curl", location: "pkg/deb/debian/curl/curl.vex.json", format: "openvex" }] })],
  words: ["../", "/", "\\\\", "http://", "pkg:apk/alpine/a", '"location":'],
  limit: 4096,
  run: (input) => {
    for (const path of parseFeedIndex(input, "it").documentsFor(packages))
      expect(new URL(path.split("/").map(encodeURIComponent).join("/"), "https://a.b/feed/").href).to.match(/^https:\/\/a\.b\/feed\/./);
  },
};

export const vexTargets: readonly Target[] = [vex, purls, feeds];
