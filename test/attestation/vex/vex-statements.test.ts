import { describe, it } from "mocha";
import { parseStatement } from "../../../provider/attestation/formats/statement.js";
import type { DeclaredVex } from "../../../provider/attestation/vex/declared.js";
import { parseVex } from "../../../provider/attestation/vex/document.js";
import { vexStatements, type VexImage, type VexPlatform } from "../../../provider/attestation/vex/vex-statements.js";
import { digestOf, hexOf } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { expect } from "../../support/expectations.js";
import { author, documentBytes, statement, vexOf, type Fields } from "./documents.js";
import { breaches } from "./openvex-rules.js";
import { debian } from "./packages.js";

const index = digestOf("index");
const [amd64, arm64] = [digestOf("amd64"), digestOf("arm64")];
const curl = debian("curl", "8.14.1-2");
const onArm = { architecture: "arm64" };
const curlOnArm = debian("curl", "8.14.1-2", onArm);
const held = vexOf(statement("CVE-1", ["pkg:deb/debian/curl"]));
const place = "repository_url=registry.example.com%2Facme%2Fpython";

const image = (
  platforms: readonly Partial<VexPlatform>[],
  declared: readonly DeclaredVex[] = [],
  fields: Partial<VexImage> = {},
): VexImage => ({
  repository: parseRepository("registry.example.com/acme/python"),
  index,
  created: "2026-01-02T03:04:05Z",
  base: [],
  declared,
  platforms: platforms.map((platform, at) => ({
    platform: at === 0 ? "linux/amd64" : "linux/arm64",
    manifest: at === 0 ? amd64 : arm64,
    packages: [at === 0 ? curl : curlOnArm],
    documents: [held],
    ...platform,
  })),
  ...fields,
});

interface Written {
  readonly timestamp: string;
  readonly author: string;
  readonly tooling: string;
  readonly statements: readonly (Fields & {
    readonly products: readonly { readonly "@id": string; readonly subcomponents?: readonly Fields[] }[];
  })[];
}

/** The document of each subject, by its platform or "index". */
function documents(of: VexImage): Readonly<Record<string, Written>> & { readonly index?: Written } {
  return Object.fromEntries(
    vexStatements(of).statements.map(({ platform = "index", subject, bytes, digest }) => {
      const { subjects, predicateType, predicate } = parseStatement(bytes, "it");
      expect(subjects).to.deep.equal([{ name: "registry.example.com/acme/python", digest: { sha256: hexOf(subject) } }]);
      expect([predicateType, digest]).to.deep.equal(["https://openvex.dev/ns/v0.2.0", digestOf(bytes)]);
      expect(breaches(predicate)).to.deep.equal([]);
      return [platform, predicate as unknown as Written];
    }),
  );
}

/** `product` or `product: parts` of each product of each statement, with short names of the subjects. */
function products({ statements }: Written): readonly string[] {
  const names = { [index]: "index", [amd64]: "amd64", [arm64]: "arm64" };
  return statements.flatMap((item) =>
    item.products.map(({ "@id": id, subcomponents }) => {
      const name = Object.entries(names).reduce(
        (text, [digest, short]) => text.replace(encodeURIComponent(digest), short).replace(digest, short),
        id,
      );
      const parts = subcomponents?.map((part) => String(part["@id"]).replace("pkg:deb/debian/", "")).join(" ");
      return `${name.replace("pkg:deb/debian/", "").replace(`?${place}`, "?here")}${parts === undefined ? "" : `: ${parts}`}`;
    }),
  );
}

describe("the VEX of an image", () => {
  it("is one document for each manifest and for the index, which name the packages and the images that have them", () => {
    const all = documents(image([{}, {}]));
    expect(Object.keys(all)).to.deep.equal(["linux/amd64", "linux/arm64", "index"]);
    const [own, inIndex] = ["curl@8.14.1-2", "pkg:oci/python@index?here: curl@8.14.1-2"];
    expect(Object.values(all).map(products)).to.deep.equal([
      [own, inIndex, "pkg:oci/python@amd64?here: curl@8.14.1-2"],
      [own, inIndex, "pkg:oci/python@arm64?here: curl@8.14.1-2"],
      [own, inIndex, "pkg:oci/python@amd64?here: curl@8.14.1-2", "pkg:oci/python@arm64?here: curl@8.14.1-2"],
    ]);
  });

  it("says who states what, who merged it, and from which documents", () => {
    const { "linux/amd64": written } = documents(image([{}], [], { author: "Acme" }));
    expect(written?.author).to.equal("Acme");
    expect(written?.statements[0]?.["supplier"]).to.equal(author);
    expect(written?.tooling).to.equal(`pulumi-dhi, from ${held.digest}`);
    expect(documents(image([{}])).index?.author).to.equal("pulumi-dhi");
  });

  it("is the same whenever it is made, and whatever the order of what it is made from", () => {
    const other = vexOf(statement("CVE-2", ["pkg:deb/debian/curl", "pkg:deb/debian/zlib1g"]), statement("CVE-0", ["pkg:deb/debian/curl"]));
    const zlib = debian("zlib1g", "1:1.3.1-1");
    const one = vexStatements(image([{ packages: [curl, zlib], documents: [held, other] }]));
    const two = vexStatements(image([{ packages: [zlib, curl], documents: [other, held] }]));
    expect(one).to.deep.equal(two);
    expect(
      documents(image([{ packages: [curl, zlib], documents: [held, other] }])).index?.statements.map((item) => item["vulnerability"]),
    ).to.deep.equal(["CVE-0", "CVE-1", "CVE-2"].map((name) => ({ name })));
  });

  it("is as new as the newest of its statements, and as the image", () => {
    const times = (...days: readonly string[]): string | undefined =>
      documents(
        image([
          { documents: [vexOf(...days.map((timestamp, at) => statement(`CVE-${String(at)}`, ["pkg:deb/debian/curl"], { timestamp })))] },
        ]),
      ).index?.timestamp;
    expect(times("2026-05-30T08:03:09.927Z", "2025-01-01T00:00:00Z")).to.equal("2026-05-30T08:03:10Z");
    expect(times("2020-01-01T00:00:00Z")).to.equal("2026-01-02T03:04:05Z");
    expect(documents(image([{}], [], { created: undefined })).index?.timestamp).to.equal("2026-05-30T08:03:10Z");
  });

  it("does not exist where nothing is stated", () => {
    expect(vexStatements(image([{ documents: [] }, {}])).statements.map(({ platform }) => platform)).to.deep.equal([
      "linux/arm64",
      undefined,
    ]);
    expect(vexStatements(image([{ documents: [] }])).statements).to.deep.equal([]);
  });

  it("names an epoch both as scanners do", () => {
    const git = debian("git", "1:2.47.3-0");
    const written = documents(image([{ packages: [git], documents: [vexOf(statement("CVE-1", ["pkg:deb/debian/git"]))] }]));
    const ids = (written.index?.statements[0]?.products ?? []).map((product) => product["@id"]).filter((id) => id.startsWith("pkg:deb"));
    expect(ids.map(decodeURIComponent)).to.deep.equal(["pkg:deb/debian/git@1:2.47.3-0", "pkg:deb/debian/git@2.47.3-0?epoch=1"]);
  });

  it("keeps the reason that its schema wants, of two", () => {
    const both = vexOf(
      statement("CVE-1", ["pkg:deb/debian/curl"], { impact_statement: "It is never run.", status_notes: "See the tracker." }),
    );
    expect(documents(image([{ documents: [both] }])).index?.statements[0]).to.include({
      justification: "vulnerable_code_not_in_execute_path",
      status_notes: "See the tracker. It is never run.",
    });
    const undone = vexOf(statement("CVE-1", ["pkg:deb/debian/curl"], { status: "affected" }));
    expect(documents(image([{ documents: [undone] }])).index?.statements[0]).to.include({
      action_statement: "No action statement provided",
    });
  });
});

describe("a package that platforms have in different ways", () => {
  const forIndex = (arm: Partial<VexPlatform>, amd: Partial<VexPlatform> = {}): string[] => {
    const { index: written } = documents(image([amd, arm]));
    return written === undefined ? [] : products(written).filter((text) => !text.startsWith("pkg:"));
  };

  it("is named with its architecture where only one has it unchanged", () => {
    expect(forIndex({ packages: [{ ...curlOnArm, origin: "added" }] })).to.deep.equal(["curl@8.14.1-2?arch=amd64"]);
    const { index: all, "linux/amd64": one } = documents(image([{}, { packages: [{ ...curlOnArm, origin: "added" }] }]));
    expect(all && products(all)).to.deep.equal([
      "curl@8.14.1-2?arch=amd64",
      "pkg:oci/python@index?here: curl@8.14.1-2?arch=amd64",
      "pkg:oci/python@amd64?here: curl@8.14.1-2?arch=amd64",
    ]);
    // The index has it twice, and the statement is about one of them.
    expect(one && products(one)).to.deep.equal(["curl@8.14.1-2", "pkg:oci/python@amd64?here: curl@8.14.1-2"]);
  });

  it("is named for each with its version", () => {
    expect(forIndex({ packages: [debian("curl", "8.14.1-3", onArm)] })).to.deep.equal(["curl@8.14.1-2", "curl@8.14.1-3"]);
  });

  it("is named with its architecture where they are claimed to be affected differently", () => {
    const affected = vexOf(statement("CVE-1", ["pkg:deb/debian/curl"], { status: "affected" }));
    expect(forIndex({ documents: [affected] }).sort()).to.deep.equal(["curl@8.14.1-2?arch=amd64", "curl@8.14.1-2?arch=arm64"]);
  });

  it("is not named where nothing tells them apart", () => {
    const zones = {
      packages: [debian("tzdata", "2026a-1", { architecture: "all" })],
      documents: [vexOf(statement("CVE-1", ["pkg:deb/debian/tzdata"]))],
    };
    expect(forIndex(zones, zones)).to.deep.equal(["tzdata@2026a-1"]);
    expect(forIndex({ ...zones, documents: [] }, zones)).to.deep.equal([]);
  });

  it("is named once where they differ in the time of the statement alone", () => {
    const later = vexOf(statement("CVE-1", ["pkg:deb/debian/curl"], { timestamp: "2026-06-01T00:00:00Z" }));
    expect(forIndex({ documents: [later] })).to.deep.equal(["curl@8.14.1-2"]);
  });
});

describe("what the user states", () => {
  const own = (fields: Partial<DeclaredVex>): DeclaredVex => ({ vulnerability: "CVE-1", status: "affected", statement: "Wait", ...fields });
  const stated = (declared: DeclaredVex, platform: Partial<VexPlatform> = {}): readonly Fields[] => {
    const { statements = [] } = documents(image([platform], [declared])).index ?? {};
    return statements.map(({ products: items, ...rest }) => ({
      ...rest,
      on: items.filter((item) => item.subcomponents === undefined).map((item) => item["@id"]),
    }));
  };

  it("overrides the base's about the same vulnerability and package, and is never older", () => {
    expect(stated(own({ package: { name: "curl" } }))).to.deep.equal([
      { vulnerability: { name: "CVE-1" }, status: "affected", action_statement: "Wait", on: ["pkg:deb/debian/curl@8.14.1-2"] },
    ]);
  });

  it("overrides the base's under another name of the vulnerability", () => {
    const aliased = vexOf(statement("DHI-1", ["pkg:deb/debian/curl"], { vulnerability: { name: "DHI-1", aliases: ["CVE-1"] } }));
    expect(stated(own({ package: { name: "curl" } }), { documents: [aliased] })).to.have.length(1);
  });

  it("leaves the base's about others", () => {
    const zlib = debian("zlib1g", "1.3.1-1");
    const documents = [vexOf(statement("CVE-1", ["pkg:deb/debian/curl", "pkg:deb/debian/zlib1g"]))];
    expect(stated(own({ package: { name: "curl" } }), { packages: [curl, zlib], documents }).map(({ on }) => on)).to.deep.equal([
      ["pkg:deb/debian/curl@8.14.1-2"],
      ["pkg:deb/debian/zlib1g@1.3.1-1"],
    ]);
    expect(stated(own({ vulnerability: "CVE-9", package: { name: "curl" } }))).to.have.length(2);
  });

  it("is about packages that are added or upgraded too", () => {
    const packages = [
      debian("curl", "9", { origin: "upgraded" }),
      debian("libcurl4", "9", { origin: "added", source: { name: "curl", version: "9" } }),
    ];
    expect(stated(own({ package: { name: "curl" } }), { packages }).map(({ on }) => on)).to.deep.equal([["pkg:deb/debian/curl@9"]]);
    expect(stated(own({ package: { name: "curl", version: "8" } }), { packages })).to.deep.equal([]);
  });

  it("is about all packages of a source where no package has that name", () => {
    const source = { name: "glibc", version: "2.41-12" };
    const packages = [debian("libc6", "2.41-12+b1", { source }), debian("libc-bin", "2.41-12", { source })];
    const on = ["pkg:deb/debian/libc-bin@2.41-12", "pkg:deb/debian/libc6@2.41-12%2Bb1"];
    expect(stated(own({ package: { name: "glibc", version: "2.41-12" } }), { packages }).map((item) => item["on"])).to.deep.equal([on]);
  });

  it("is about the image as a whole without a package, and then overrides the base's about every package", () => {
    const [item, ...others] = stated(own({ package: undefined }));
    expect(others).to.deep.equal([]);
    expect((item?.["on"] as readonly string[]).map(decodeURIComponent)).to.deep.equal(
      [index, amd64].flatMap((digest) => [`pkg:oci/python@${digest}?${decodeURIComponent(place)}`, `pkg:oci/python@${digest}`]),
    );
  });

  it("may be about what no package manager installed", () => {
    const purl = "pkg:golang/example.com/mod@v1.2.3";
    const written = documents(image([{ documents: [] }], [own({ package: { purl } })]));
    expect(written.index && products(written.index)).to.deep.equal([
      purl,
      `pkg:oci/python@index?here: ${purl}`,
      `pkg:oci/python@amd64?here: ${purl}`,
    ]);
  });

  const words: readonly (readonly [Partial<DeclaredVex>, Fields])[] = [
    [{ status: "affected", statement: "Wait" }, { action_statement: "Wait" }],
    [{ status: "fixed", statement: "Patched" }, { status_notes: "Patched" }],
    [{ status: "under_investigation", statement: "Soon" }, { status_notes: "Soon" }],
    [{ status: "not_affected", statement: "Never run" }, { impact_statement: "Never run" }],
    [
      { status: "not_affected", statement: "Never run", justification: "component_not_present" },
      { justification: "component_not_present", status_notes: "Never run" },
    ],
    [{ status: "not_affected", statement: undefined, justification: "component_not_present" }, { justification: "component_not_present" }],
  ];
  for (const [fields, expected] of words) {
    it(`is written in the fields for ${JSON.stringify(fields)}`, () => {
      const [item] = stated(own({ ...fields, package: { name: "curl" } }));
      const { vulnerability: _, on, ...rest } = item ?? {};
      expect(rest).to.deep.equal({ status: fields.status, ...expected });
    });
  }
});

describe("the summary of a VEX", () => {
  it("counts statements of the base and of the user, and tells changes of their content", () => {
    const { summary } = vexStatements(image([{}], [{ vulnerability: "CVE-2", status: "fixed", package: { name: "curl" } }]));
    expect([summary.base.statements, summary.own.statements]).to.deep.equal([1, 1]);
    const moved = vexStatements(
      image([{ documents: [vexOf(statement("CVE-1", ["pkg:deb/debian/curl"], { status_notes: "new" }))] }]),
    ).summary;
    expect(moved.base.statements).to.equal(1);
    expect(moved.base.digest).to.not.equal(summary.base.digest);
  });

  it("does not change with a document that states nothing new", () => {
    const more = parseVex(documentBytes([statement("CVE-1", ["pkg:deb/debian/curl"]), statement("CVE-2", ["pkg:deb/debian/git"])]), "it");
    expect(vexStatements(image([{ documents: [more] }])).summary).to.deep.equal(vexStatements(image([{}])).summary);
  });
});
