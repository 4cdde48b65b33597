import { describe, it } from "mocha";
import { object } from "../../../provider/pipeline/spec/schema.js";
import { vex } from "../../../provider/pipeline/spec/vex.js";
import { describeFailure, parseInputs } from "../../../provider/resources/parse.js";
import { unknown, type Value, type ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";

const hex = "0a".repeat(32);
const justification = "vulnerable_code_not_in_execute_path";
const why = `Give a justification (component_not_present, vulnerable_code_not_present, ${justification}, vulnerable_code_cannot_be_controlled_by_adversary, inline_mitigations_already_exist) or a statement`;
const one = (fields: ValueMap): Value => ({ statements: [{ vulnerability: "CVE-2026-1", status: "fixed", ...fields }] });

describe("vex", () => {
  const accepted: readonly (readonly [Value, object])[] = [
    [{}, {}],
    [one({}), { statements: [{ vulnerability: "CVE-2026-1", status: "fixed" }] }],
    [
      one({ package: "libstdc++6" }),
      { statements: [{ vulnerability: "CVE-2026-1", status: "fixed", package: { name: "libstdc++6", version: undefined } }] },
    ],
    [
      one({ package: "git=1:2.47" }),
      { statements: [{ vulnerability: "CVE-2026-1", status: "fixed", package: { name: "git", version: "1:2.47" } }] },
    ],
    [
      one({ package: "pkg:golang/a.b/c@v1" }),
      { statements: [{ vulnerability: "CVE-2026-1", status: "fixed", package: { purl: "pkg:golang/a.b/c@v1" } }] },
    ],
    [one({ until: "2026-12-31" }), { statements: [{ vulnerability: "CVE-2026-1", status: "fixed", until: Date.UTC(2027, 0, 1) }] }],
    [
      one({ status: "not_affected", justification, statement: " It never runs. " }),
      { statements: [{ vulnerability: "CVE-2026-1", status: "not_affected", justification, statement: "It never runs." }] },
    ],
    [one({ vulnerability: "GHSA-9qq8-cgcv-qp6m" }), { statements: [{ vulnerability: "GHSA-9qq8-cgcv-qp6m", status: "fixed" }] }],
    [{ source: "vex/base.json" }, { source: { kind: "file", path: "vex/base.json" } }],
    [{ source: `https://a.b/c.json#sha256=${hex}` }, { source: { kind: "document", url: "https://a.b/c.json", digest: `sha256:${hex}` } }],
    [{ source: `http://a.b/c/#sha256=${hex}` }, { source: { kind: "document", url: "http://a.b/c/", digest: `sha256:${hex}` } }],
    [{ source: "https://a.b/main/" }, { source: { kind: "feed", url: "https://a.b/main/" } }],
    [{ source: "https://a.b/main/index.json" }, { source: { kind: "feed", url: "https://a.b/main/" } }],
    [{ source: "http://127.0.0.1:8080/" }, { source: { kind: "feed", url: "http://127.0.0.1:8080/" } }],
  ];
  for (const [value, expected] of accepted) {
    it(`reads ${JSON.stringify(value)}`, () => {
      const { value: read, failures } = parseInputs(object({ vex }), { vex: value });
      expect(failures).to.deep.equal([]);
      expect(read).to.deep.equal({ vex: expected });
    });
  }

  const refused: readonly (readonly [Value, string])[] = [
    [{ documents: [] }, 'vex: has no property "documents". It has source, statements'],
    [
      { statements: [{ status: "fixed" }] },
      "vex.statements[0].vulnerability: is missing. Give the name of a vulnerability such as CVE-2026-1234",
    ],
    [
      one({ vulnerability: "a b" }),
      'vex.statements[0].vulnerability: "a b" is not the name of a vulnerability. Give one such as CVE-2026-1234',
    ],
    [
      one({ status: "harmless" }),
      'vex.statements[0].status: "harmless" is not a status. Give "not_affected", "fixed", "affected", "under_investigation"',
    ],
    [one({ status: "not_affected" }), `vex.statements[0].status: is not_affected, for which OpenVEX wants a reason. ${why}`],
    [
      one({ status: "affected" }),
      "vex.statements[0].status: is affected, for which OpenVEX wants to know what to do about it. Give a statement",
    ],
    [one({ justification }), "vex.statements[0].justification: is only for not_affected, and the status is fixed. Remove it"],
    [one({ statement: " " }), "vex.statements[0].statement: is empty. Say something, or remove it"],
    [
      one({ until: "2026-02-30" }),
      'vex.statements[0].until: "2026-02-30" is not a day. Write one such as 2026-12-31, up to whose end (in UTC) it holds',
    ],
    [
      one({ until: "tomorrow" }),
      'vex.statements[0].until: "tomorrow" is not a day. Write one such as 2026-12-31, up to whose end (in UTC) it holds',
    ],
    [
      one({ package: "!curl" }),
      'vex.statements[0].package: "!curl" is not the name of a package of the image. Write name, or name=version',
    ],
    [
      one({ package: "curl~8" }),
      'vex.statements[0].package: "curl~8" is not the name of a package of the image. Write name, or name=version',
    ],
    [
      one({ package: "pkg:golang/a.b/c" }),
      'vex.statements[0].package: "pkg:golang/a.b/c" is not a package URL with a version. Write one such as pkg:golang/example.com/mod@v1.2.3: without a version it would hold for every later one',
    ],
    [
      { statements: ["curl", "bash", "curl"].map((name) => ({ vulnerability: "CVE-1", package: name, status: "fixed" })) },
      "vex.statements[2]: is about the same as statements[0]. Remove one of them",
    ],
    [{ source: "" }, 'vex.source: "" is not a path. Name a file'],
    [{ source: "https://user:word@a.b/" }, "vex.source: the URL contains credentials, which would be stored in state. Put them into netrc"],
    [{ source: "https://a.b/?token=x" }, "vex.source: the URL has a query. Name the file itself, and put a login into netrc"],
    [{ source: "ftp://a.b/c" }, 'vex.source: "ftp://a.b/c" is not an http or https URL. Give a URL, or the path of a file'],
    [
      { source: "https://a.b/c.json" },
      'vex.source: "https://a.b/c.json" has no hash, so that whoever serves it could hide any vulnerability. End it in #sha256= and the 64 hexadecimal digits of its sha256sum; a feed ends in / or /index.json',
    ],
    [
      { source: "https://a.b/c.json#sha256=00" },
      'vex.source: "#sha256=00" is not a hash. End the URL in #sha256= and 64 hexadecimal digits in lower case',
    ],
    [
      { source: "http://a.b/" },
      'vex.source: "http://a.b/" is a feed without TLS, so that anyone on the way could hide any vulnerability. Use https',
    ],
  ];
  for (const [value, message] of refused) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      expect(parseInputs(object({ vex }), { vex: value }).failures.map(describeFailure)).to.deep.equal([message]);
    });
  }

  it("is not a mistake while a part of it is not known", () => {
    const values: readonly Value[] = [
      unknown,
      one({ status: "not_affected", statement: unknown }),
      one({ status: unknown }),
      { statements: [unknown] },
    ];
    for (const value of values) expect(parseInputs(object({ vex }), { vex: value }).failures).to.deep.equal([]);
  });
});
