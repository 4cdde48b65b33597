import { describe, it } from "mocha";
import { digestOf, type Digest } from "../../../provider/image/digest.js";
import { MAX_REFERRERS } from "../../../provider/registry/remote/referrers.js";
import { expect } from "../../support/expectations.js";
import { MAX_PAGES } from "../../../provider/registry/remote/pages.js";
import { connect, fake, type Answer } from "./fake-registry.js";

const subject = digestOf("subject");
const digests = (count: number): readonly Digest[] => Array.from({ length: count }, (_, at) => digestOf(String(at)));
const page = (found: readonly string[], next?: string): Answer => ({
  status: 200,
  headers: next === undefined ? {} : { link: `<${next}>; rel="next"` },
  body: JSON.stringify({ schemaVersion: 2, manifests: found.map((digest) => ({ digest, size: 1, mediaType: "x/y" })) }),
});
const list = async (answer: (key: string) => Answer): Promise<readonly Digest[] | undefined> => {
  const { at } = await fake(answer);
  return connect().open(at).listReferrers(subject);
};

describe("listing referrers", () => {
  it("follows pages, and leaves out what has no SHA-256 digest", async () => {
    const [one, two] = digests(2);
    const found = await list((key) => (key.endsWith("?page=2") ? page([String(two), "sha512:ab"]) : page([String(one)], "?page=2")));
    expect(found).to.deep.equal([one, two]);
  });

  it("is told apart from a registry that has no list", async () => {
    expect(await list(() => page([]))).to.deep.equal([]);
    for (const status of [404, 405]) expect(await list(() => ({ status })), String(status)).to.equal(undefined);
  });

  it("is an error where the registry refuses, or answers with something else", async () => {
    for (const status of [401, 403]) await expect(list(() => ({ status }))).to.be.rejectedWithError({ code: "unauthorized" });
    await expect(list(() => ({ status: 200, body: "<html>" }))).to.be.rejectedWithError({ code: "rejected" });
    await expect(list((key) => (key.endsWith("?page=2") ? { status: 404 } : page([], "?page=2")))).to.be.rejectedWithError({
      code: "rejected",
    });
    await expect(list(() => page([], "?page=2"))).to.be.rejectedWithError({ code: "rejected", message: /in a loop of pages/ });
  });

  it("has a limit", async () => {
    expect(await list(() => page(digests(MAX_REFERRERS)))).to.have.length(MAX_REFERRERS);
    await expect(list(() => page(digests(MAX_REFERRERS + 1)))).to.be.rejectedWithError({ code: "limit" });
  });
});

describe("pages without end", () => {
  for (const what of ["referrers", "tags"] as const) {
    it(`are an error of a listing of ${what}`, async () => {
      let asked = 0;
      const { at } = await fake((): Answer => {
        asked += 1;
        const body = JSON.stringify(what === "tags" ? { tags: [] } : { manifests: [] });
        return { status: 200, headers: { link: `<?page=${asked}>; rel="next"` }, body };
      });
      const repository = connect().open(at);
      const listing: Promise<unknown> = what === "tags" ? repository.listTags() : repository.listReferrers(subject);
      await expect(listing).to.be.rejectedWithError({ code: "limit", message: /in more than \d+ pages/ });
      expect(asked).to.equal(MAX_PAGES + 1);
    });
  }
});
