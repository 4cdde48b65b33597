import { describe, it } from "mocha";
import type { KnownNoticeKind } from "../../provider/notice-kind.js";
import { showable } from "../../provider/pulumi/shown.js";
import { foldNotices, MOST_NOTICES_OF_A_KIND, type Notice } from "../../provider/pipeline/notice.js";
import { reportNotices } from "../../provider/resources/image/report-notices.js";
import { describeMarks, knownSecrets, secretNotices } from "../../provider/resources/image/secret-notices.js";
import type { SecretPath } from "../../provider/resources/lifecycle.js";
import type { ValueMap } from "../../provider/values.js";
import { expect } from "../support/expectations.js";

const some = (kind: KnownNoticeKind, count: number): readonly Notice[] =>
  Array.from({ length: count }, (_, at): Notice => ({ kind, message: `${kind} ${String(at)}`, path: `/${String(at)}` }));
const values = (notices: readonly Notice[]): ValueMap => ({ notices: notices.map((notice) => ({ ...notice })) });

describe("notices of one kind", () => {
  it("are all shown up to ten", () => {
    const all = some("overwritten", MOST_NOTICES_OF_A_KIND);
    expect(foldNotices(all)).to.deep.equal(all);
  });

  it("are folded into ten and a count when there are eleven", () => {
    const all = some("overwritten", MOST_NOTICES_OF_A_KIND + 1);
    expect(foldNotices(all)).to.deep.equal([...all.slice(0, 10), { kind: "overwritten", message: "… and 1 more (overwritten)" }]);
  });

  it("are eleven for fifty thousand, with a count, and other kinds keep their positions", () => {
    const all = [...some("overwritten", 50_000), ...some("upgraded", 2)];
    const folded = foldNotices(all);
    expect(folded.length).to.equal(13);
    expect(folded[10]).to.deep.equal({ kind: "overwritten", message: "… and 49,990 more (overwritten)" });
    expect(folded.slice(11)).to.deep.equal(all.slice(50_000));
    expect(foldNotices([...all].reverse()).slice(0, 2)).to.deep.equal(all.slice(50_000).reverse());
  });

  it("are logged once each, except those that are in state", () => {
    const lines: string[] = [];
    const row = { line: (_: string, message: string) => void lines.push(message), progress: () => undefined };
    const folded = foldNotices(some("overwritten", 50_000));
    reportNotices({}, values(folded), row);
    expect(lines.length).to.equal(11);
    lines.length = 0;
    reportNotices(
      values(folded),
      values(foldNotices([...some("overwritten", 50_001), { kind: "world", message: "new", platform: "linux/amd64" }])),
      row,
    );
    expect(lines).to.deep.equal(["… and 49,991 more (overwritten)", "linux/amd64: new"]);
  });
});

describe("notices of secrets", () => {
  const token = (name: string): SecretPath => ["environment", name];
  const many = Array.from({ length: 30 }, (_, at) => token(`T${String(at)}`));

  it("name every secret input, including the folded ones", () => {
    const notices = secretNotices(many);
    expect(notices.length).to.equal(11);
    expect(notices[10]?.message ?? "").to.match(/^… and 20 more \(secret-in-image\): environment\.T18, /);
    expect([...knownSecrets(values(notices))].sort()).to.deep.equal(many.map(([, name]) => `environment.${String(name)}`).sort());
  });

  it("exclude inputs that are not written into the image", () => {
    expect(secretNotices([["overwrite"], ["packageSources", 0, "keys", 0]])).to.deep.equal([]);
  });

  for (const key of ["<{%x", "a\u200fb", "a\u0085b", "a\u001bb", "a\tb", "a\ud800", "a, b", "a: b", "a is a secret, and whoever"]) {
    it(`do not change for an unchanged secret with the key ${JSON.stringify(key)}`, () => {
      const twelve = Array.from({ length: 12 }, (_, at) => ["labels", `${key}${String(at)}`]);
      for (const paths of [[["labels", key]], twelve])
        expect(describeMarks(showable(values(secretNotices(paths))) as ValueMap, paths)).to.deep.equal({});
    });
  }

  const marks: readonly (readonly [string, readonly SecretPath[], readonly SecretPath[], readonly string[]])[] = [
    ["nothing", [], [], []],
    ["the same in another order", [token("A"), token("B")], [token("B"), token("A")], []],
    ["a secret that was none", [], [token("A")], ["environment.A is marked as a secret"]],
    ["what is none any more", [token("A")], [], ["environment.A is no longer marked as a secret"]],
    ["one of many that are folded", many.slice(0, 29), many, ["environment.T29 is marked as a secret"]],
    [
      "one in the place of another beyond the tenth",
      [...many, ["labels", "a"]],
      [...many, ["labels", "b"]],
      ["labels.b is marked as a secret", "labels.a is no longer marked as a secret"],
    ],
  ];
  for (const [what, before, after, reasons] of marks) {
    it(`detect ${what} by the notices in state`, () => {
      const other: Notice = { kind: "overwritten", message: "x" };
      const found = describeMarks(values([other, ...secretNotices(before)]), after);
      expect(found).to.deep.equal(reasons.length === 0 ? {} : { reasons, ...values([other, ...secretNotices(after)]) });
    });
  }
});
