import { describe, it } from "mocha";
import { MAX_REPOSITORIES } from "../../../provider/registry/remote/catalog.js";
import { expect } from "../../support/expectations.js";
import { connect, fake, type Answer } from "./fake-registry.js";

const page = (repositories: readonly string[] | null, next?: string): Answer => ({
  status: 200,
  headers: next === undefined ? {} : { link: `<${next}>; rel="next"` },
  body: JSON.stringify({ repositories }),
});
const list = async (answer: (key: string) => Answer): Promise<readonly string[]> => {
  const { host } = await fake(answer);
  return connect().listRepositories(host);
};

describe("listing the repositories of a registry", () => {
  it("follows pages, and sorts", async () => {
    const found = await list((key) => (key.includes("last=b") ? page(["a/c"]) : page(["b", "a/b"], "/v2/_catalog?last=b&n=2")));
    expect(found).to.deep.equal(["a/b", "a/c", "b"]);
    expect(await list(() => page(null))).to.deep.equal([]);
  });

  it("says that a registry has no such list", async () => {
    for (const status of [404, 405, 501]) {
      await expect(list(() => ({ status }))).to.be.rejectedWithError({
        code: "not-found",
        message: /^127\.0\.0\.1:\d+ has no list of its repositories$/,
      });
    }
  });

  it("is an error where the registry refuses, or answers with something else", async () => {
    for (const status of [401, 403]) await expect(list(() => ({ status }))).to.be.rejectedWithError({ code: "unauthorized" });
    for (const body of ["<html>", '{"repositories":[1]}'])
      await expect(list(() => ({ status: 200, body }))).to.be.rejectedWithError({ code: "rejected" });
  });

  it("has a limit", async () => {
    const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `r${at}`);
    expect(await list(() => page(names(MAX_REPOSITORIES)))).to.have.length(MAX_REPOSITORIES);
    await expect(list(() => page(names(MAX_REPOSITORIES + 1)))).to.be.rejectedWithError({ code: "limit" });
  });
});
