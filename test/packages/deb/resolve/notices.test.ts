import { describe, it } from "mocha";
import { resolveMade, type MadeCase } from "../../../support/apt/made-archive.js";
import { expect } from "../../../support/expectations.js";

const messages = (made: MadeCase): readonly string[] => resolveMade(made).notices.map(({ kind, message }) => `${kind}: ${message}`);

describe("notices of a resolution", () => {
  it("name what requested packages recommend and the image will not have", () => {
    const archive = [
      "curl 1; Recommends: ca-certificates, less | more; Depends: lib",
      "lib 1; Recommends: lib-data",
      "ca-certificates 1",
      "more 1",
    ];
    expect(messages({ archive, ask: ["curl"] })).to.deep.equal([
      "recommends: curl recommends ca-certificates, which is not added",
      "recommends: curl recommends less or more, which is not added",
    ]);
    expect(messages({ archive, ask: ["curl", "ca-certificates"], base: ["more 1"] })).to.deep.equal([]);
  });

  it("name an added shell, interpreter or package manager, with its chain", () => {
    const archive = ["git 1; Depends: perl", "perl 1; Depends: perl-base, dpkg", "perl-base 1", "dpkg 1", "bash 1"];
    expect(messages({ archive, ask: ["git", "bash"], base: ["dpkg 1"] })).to.deep.equal([
      "shell-added: bash, a shell, is added as requested",
      "shell-added: perl, an interpreter, is added by git -> perl",
      "shell-added: perl-base, an interpreter, is added by git -> perl -> perl-base",
    ]);
    expect(messages({ archive, ask: ["git"], base: ["dpkg 1", "perl 1"] })).to.deep.equal([]);
  });
});
