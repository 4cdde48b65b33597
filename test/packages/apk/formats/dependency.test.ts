import { it } from "mocha";
import {
  formatDependency,
  meets,
  parseDependencies,
  parseDependency,
  parseProvides,
} from "../../../../provider/packages/apk/formats/dependency.js";
import { expect } from "../../../support/expectations.js";

const parsed = [
  ["git", "git", "any", "", false, undefined],
  ["git>=2.43-r0", "git", ">=", "2.43-r0", false, undefined],
  ["git=>2.43", "git", ">=", "2.43", false, undefined],
  ["python3~3.11", "python3", "~", "3.11", false, undefined],
  ["python3=~3.11", "python3", "~", "3.11", false, undefined],
  ["python3<~3.11", "python3", "<~", "3.11", false, undefined],
  ["python3>~3.11", "python3", ">~", "3.11", false, undefined],
  ["!openssl<3", "openssl", "<", "3", true, undefined],
  ["so:libc.musl-x86_64.so.1", "so:libc.musl-x86_64.so.1", "any", "", false, undefined],
  ["cmd:[", "cmd:[", "any", "", false, undefined],
  ["/bin/sh", "/bin/sh", "any", "", false, undefined],
  ["git@edge", "git", "any", "", false, "edge"],
  ["git@edge=2.43-r0", "git", "=", "2.43-r0", false, "edge"],
  ["x><Q1YCZ4e/kV0Uaynh14//zvTTyN7x8=", "x", "><", "Q1YCZ4e/kV0Uaynh14//zvTTyN7x8=", false, undefined],
  ["x<=>1", "x", "any", "", false, undefined],
] as const;

for (const [text, name, operator, version, conflict, tag] of parsed)
  it(`${text} is parsed`, () => {
    expect(parseDependency(text, "D")).to.deep.equal({ name, operator, version, conflict, tag });
    expect(parseDependency(formatDependency(parseDependency(text, "D")), "D")).to.deep.equal({ name, operator, version, conflict, tag });
  });

for (const text of ["", "!", "=1", "x=", "x=abc", "x=1:2", "x~~", "a b", "x@", "@edge", "x\u0001", "!!x"])
  it(`${JSON.stringify(text)} is rejected`, () => {
    expect(() => parseDependency(text, "D of git")).to.throwError({ code: "invalid", message: /^D of git: / });
  });

it("lists are separated by spaces and newlines", () => {
  expect(parseDependencies(" a  b\n!c\n", "world").map(formatDependency)).to.deep.equal(["a", "b", "!c"]);
  expect(parseProvides("so:libz.so.1=1.3.1 /bin/sh", "p")).to.deep.equal([
    { name: "so:libz.so.1", version: "1.3.1" },
    { name: "/bin/sh", version: undefined },
  ]);
});

const met = [
  ["x", undefined, true],
  ["x", "1", true],
  ["x=1.2", undefined, false],
  ["x=1.2", "1.2", true],
  ["x=1.2", "1.2-r1", false],
  ["x~1.2", "1.2-r1", true],
  ["x~1.2", "1.20", false],
  ["x>~1.2", "1.2.5", true],
  ["x>~1.2", "1.3", true],
  ["x>~1.2", "1.1", false],
  ["x<~1.2", "1.2.5", true],
  ["x<~1.2", "1.3", false],
  ["x<1.2", "1.2_rc1", true],
  ["x<1.2", "1.2", false],
  ["x<=1.2", "1.2", true],
  ["x>1.2", "1.2-r1", true],
  ["x>1.2", "1.2", false],
  ["x>=1.2", "1.2", true],
  ["!x<2", "1", true],
  ["!x<2", "2", false],
] as const;

for (const [text, version, expected] of met)
  it(`${String(version)} ${expected ? "lies within" : "lies outside of"} ${text}`, () => {
    expect(meets(parseDependency(text, "D"), version)).to.equal(expected);
  });

it("a checksum identifies one package", () => {
  const dependency = parseDependency("x><Q1YCZ4e/kV0Uaynh14//zvTTyN7x8=", "D");
  expect(meets(dependency, "1", "Q1YCZ4e/kV0Uaynh14//zvTTyN7x8=")).to.equal(true);
  expect(meets(dependency, "1", "Q19qUyV9TFS+tErPDBnvqG7VqyvyM=")).to.equal(false);
});
