import { describe, it } from "mocha";
import { expandPlace, formatPlace, parsePlace } from "../../../cli/descendants/places.js";
import { DhiError } from "../../../provider/errors.js";
import { formatRepository } from "../../../provider/image/reference.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { Repositories } from "../../../provider/registry/repository.js";
import { expect } from "../../support/expectations.js";

function registry(listRepositories: Repositories["listRepositories"]): Repositories {
  return { ...openRepositories({ projectDirectory: "/", env: {} }), listRepositories };
}

describe("a place to look for images", () => {
  const table: readonly (readonly [string, string])[] = [
    ["registry.example.com", "registry.example.com/"],
    ["REGISTRY.example.com/", "registry.example.com/"],
    ["localhost:5000", "localhost:5000/"],
    ["localhost", "localhost/"],
    ["[::1]:5000", "[::1]:5000/"],
    ["registry.example.com/acme/", "registry.example.com/acme/"],
    ["registry.example.com/acme/team/", "registry.example.com/acme/team/"],
    ["docker.io/acme/", "docker.io/acme/"],
    ["registry.example.com/acme", "registry.example.com/acme"],
    ["acme/app", "docker.io/acme/app"],
    ["python", "docker.io/library/python"],
    ["oci:images", "oci:images"],
    ["oci:images/", "oci:images"],
  ];
  for (const [text, expected] of table) it(`can be ${text}`, () => expect(formatPlace(parsePlace(text))).to.equal(expected));

  for (const text of ["", "acme/", "registry.example.com/Acme/", "registry.example.com//", "registry.example.com/app:1", "a b.c"]) {
    it(`cannot be ${JSON.stringify(text)}`, () => expect(() => parsePlace(text)).to.throwError({ code: "invalid" }));
  }

  it("means the repositories below a namespace, without names that are not valid", async () => {
    const names = ["acme", "acme/app", "acme/team/app", "acme/../x", "acmes/app"];
    const found = await expandPlace(
      registry(() => Promise.resolve(names)),
      parsePlace("registry.example.com/acme/"),
    );
    expect(found.map(formatRepository)).to.deep.equal(["registry.example.com/acme/app", "registry.example.com/acme/team/app"]);
  });

  it("is an error with a way out where the registry has no list of its repositories", async () => {
    const without = (error: DhiError): Promise<unknown> =>
      expandPlace(
        registry(() => Promise.reject(error)),
        parsePlace("registry.example.com"),
      );
    await expect(without(new DhiError("not-found", "no list"))).to.be.rejectedWithError({
      code: "not-found",
      hint: /^Name each repository with --in$/,
    });
    await expect(without(new DhiError("unauthorized", "401", { hint: "Log in" }))).to.be.rejectedWithError({
      code: "unauthorized",
      hint: /^Name each repository with --in, or: Log in$/,
    });
    await expect(without(new DhiError("unavailable", "503"))).to.be.rejectedWithError({ code: "unavailable", message: /^503$/ });
  });
});
