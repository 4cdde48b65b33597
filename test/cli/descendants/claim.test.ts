import { describe, it } from "mocha";
import { claimIn, type Claim } from "../../../cli/descendants/claim.js";
import { expect } from "../../support/expectations.js";

const digest = `sha256:${"1".repeat(64)}` as const;
const name = { repository: { kind: "registry", host: "reg.example", name: "base" }, tag: "1" } as const;

describe("what an image says it is built on", () => {
  const table: readonly (readonly [string, Readonly<Record<string, string>>, Omit<Claim, "by"> | undefined])[] = [
    ["nothing", {}, undefined],
    ["name and digest", { name: "reg.example/base:1", digest }, { name, digest }],
    ["a name alone", { name: "reg.example/base:1" }, { name }],
    ["a digest alone", { digest }, { digest }],
    ["a name on Docker Hub", { name: "python" }, { name: { repository: { kind: "registry", host: "docker.io", name: "library/python" } } }],
    ["a name that is not valid", { name: "Not A Name", digest }, { digest }],
    ["a digest that is not valid", { name: "reg.example/base:1", digest: "sha256:1" }, { name }],
    ["neither", { name: "", digest: "" }, undefined],
  ];
  for (const [what, texts, expected] of table) {
    it(`is read from ${what}`, () => {
      const annotations = Object.fromEntries(Object.entries(texts).map(([key, text]) => [`org.opencontainers.image.base.${key}`, text]));
      expect(claimIn(annotations, "label")).to.deep.equal(expected === undefined ? undefined : { ...expected, by: "label" });
    });
  }
});
