import { it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { formatDependency, parseDependencies, parseProvides, satisfies } from "../../../../provider/packages/deb/formats/dependency.js";
import { expect } from "../../../support/expectations.js";

const read = (text: string, architecture = "amd64"): string =>
  parseDependencies(text, "Depends", architecture)
    .map((group) => group.map(formatDependency).join(" | "))
    .join(", ");

const forms = [
  ["a", "a"],
  ["a, b|c", "a, b | c"],
  ["libc6 (>= 2.36), libfoo1 (<<1:2~)", "libc6 (>= 2.36), libfoo1 (<< 1:2~)"],
  ["python3:any(>=3.11) , perl:native, x:arm64", "python3:any (>= 3.11), perl:native, x:arm64"],
  ["a (< 1), b (> 2)", "a (<= 1), b (>= 2)"],
  ["a,\n b,\n c,", "a, b, c"],
  ["a [amd64 arm64], b [!amd64], c [linux-any], d [any-i386]", "a, c"],
  ["a [i386] | b", "b"],
  ["a [i386]", ""],
  ["a <!nocheck>, b (= 1) [amd64] <!cross> <!stage1>", "a, b (= 1)"],
  ["", ""],
  ["g++-12, libstdc++6, 0ad, a.b", "g++-12, libstdc++6, 0ad, a.b"],
] as const;

it("dependencies are read in every form", () => {
  for (const [text, expected] of forms) expect(read(text), text).to.equal(expected);
  expect(read("a [!amd64], b [arm64]", "arm64")).to.equal("a, b");
});

it("an invalid dependency is rejected", () => {
  for (const text of ["a b", "a |", "| a", "a (1)", "a (>= )", "a (>= 1", "a (=> 1)", "-a", "a (>= 1) x", "a;b", "a [x", "ä", "a:b:c"])
    expect(() => read(text), text).to.throwError(
      (thrown) => thrown instanceof DhiError && thrown.code === "invalid" && thrown.message.startsWith("Depends: "),
    );
});

it("a provided name has an exact version or none", () => {
  expect(parseProvides("awk, python3-foo (= 1.2), perlapi-5.36", "Provides")).to.deep.equal([
    { name: "awk" },
    { name: "python3-foo", version: "1.2" },
    { name: "perlapi-5.36" },
  ]);
  expect(() => parseProvides("a (>= 1)", "Provides")).to.throw(/Provides: a \(>= /);
  expect(() => parseProvides("a | b", "Provides")).to.throw(/alternatives/);
});

it("versions satisfy constraints", () => {
  const of = (relation: "<<" | "<=" | "=" | ">=" | ">>"): boolean[] =>
    ["1.9", "2.0-0", "2.1"].map((version) => satisfies(version, { relation, version: "2.0" }));
  expect(of("<<")).to.deep.equal([true, false, false]);
  expect(of("<=")).to.deep.equal([true, true, false]);
  expect(of("=")).to.deep.equal([false, true, false]);
  expect(of(">=")).to.deep.equal([false, true, true]);
  expect(of(">>")).to.deep.equal([false, false, true]);
  expect(satisfies(undefined, undefined)).to.equal(true);
  expect(satisfies(undefined, { relation: ">=", version: "0" })).to.equal(false);
});
