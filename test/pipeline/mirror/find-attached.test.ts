import { describe, it } from "mocha";
import { digestOf, type Digest } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { findAttached, MAX_ATTACHED } from "../../../provider/pipeline/mirror/find-attached.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { expect } from "../../support/expectations.js";

const source = parseRepository("registry.example.com/acme/base");
const subject = digestOf("subject");

/** A session whose one registry lists referrers as `list` says. */
function listing(list: (subject: Digest) => readonly Digest[] | undefined, asked: Digest[] = []): Session {
  const repository = {
    listTags: () => Promise.resolve([]),
    listReferrers: (digest: Digest) => {
      asked.push(digest);
      return Promise.resolve(list(digest));
    },
  };
  return { repositories: { open: () => repository } } as unknown as Session;
}

describe("finding what is attached to images", () => {
  it("goes on with referrers of referrers, and asks of each once, also in a circle", async () => {
    const [sbom, signature] = [digestOf("sbom"), digestOf("signature")];
    const lists = new Map([
      [subject, [sbom]],
      [sbom, [signature]],
      [signature, [sbom]],
    ]);
    const asked: Digest[] = [];
    const found = await findAttached(
      listing((digest) => lists.get(digest) ?? [], asked),
      [source],
      [subject, subject],
      [],
    );
    expect(found).to.deep.equal({ [sbom]: subject, [signature]: sbom });
    expect(asked).to.deep.equal([subject, sbom, signature]);
  });

  it("asks a source without a list of referrers for one once, and for the fallback tags that it has", async () => {
    const asked: Digest[] = [];
    expect(
      await findAttached(
        listing(() => undefined, asked),
        [source],
        [subject],
        [],
      ),
    ).to.deep.equal({});
    expect(asked).to.deep.equal([subject]);
  });

  it("has a limit", async () => {
    const of = (count: number): Session =>
      listing((digest) => (digest === subject ? Array.from({ length: count }, (_, at) => digestOf(String(at))) : []));
    expect(Object.keys(await findAttached(of(MAX_ATTACHED), [source], [subject], []))).to.have.length(MAX_ATTACHED);
    await expect(findAttached(of(MAX_ATTACHED + 1), [source], [subject], [])).to.be.rejectedWithError({
      code: "limit",
      hint: /Select fewer tags, or set referrers: false/,
    });
  });
});
