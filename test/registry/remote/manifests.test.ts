import { describe, it } from "mocha";
import { digestOf } from "../../../provider/image/digest.js";
import { OCI_INDEX, OCI_MANIFEST } from "../../../provider/image/media-types.js";
import { expect } from "../../support/expectations.js";
import { storedManifest } from "../../support/registries/images.js";
import { connect, fake, type Answer } from "./fake-registry.js";

const manifest = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }, OCI_INDEX);

describe("a client of manifests", () => {
  it("sends a GET when the response to HEAD has no digest", async () => {
    const { at, seen } = await fake(() => ({ status: 200, headers: { "content-type": OCI_INDEX }, body: manifest.bytes }));
    const found = await connect().open(at).headManifest("v1");
    expect(found).to.deep.equal({ mediaType: OCI_INDEX, digest: manifest.digest, size: manifest.bytes.byteLength });
    expect(seen).to.deep.equal(["HEAD /v2/acme/app/manifests/v1", "GET /v2/acme/app/manifests/v1"]);
  });

  it("reports the registry's message when HEAD is refused", async () => {
    const { at } = await fake(() => ({ status: 403, body: '{"errors":[{"code":"DENIED","message":"not for you"}]}' }));
    await expect(connect().open(at).headManifest("v1")).to.be.rejectedWithError({
      code: "unauthorized",
      message: /tag "v1" of 127\.0\.0\.1:\d+\/acme\/app: .* 403: DENIED: not for you/,
    });
  });

  const damaged: readonly (readonly [string, string, Answer])[] = [
    [
      "with another digest than was requested",
      digestOf("other"),
      { status: 200, headers: { "content-type": OCI_INDEX }, body: manifest.bytes },
    ],
    [
      "with another digest than in the header",
      "v1",
      { status: 200, headers: { "docker-content-digest": digestOf("other") }, body: manifest.bytes },
    ],
  ];
  for (const [what, reference, answer] of damaged) {
    it(`rejects bytes ${what}`, async () => {
      const { at } = await fake(() => answer);
      await expect(connect().open(at).getManifest(reference)).to.be.rejectedWithError({ code: "mismatch" });
    });
  }

  it("rejects more than 4 MiB", async () => {
    const { at } = await fake(() => ({ status: 200, body: Buffer.alloc(4 * 1024 * 1024 + 1, " ") }));
    await expect(connect().open(at).getManifest("v1")).to.be.rejectedWithError({ code: "limit" });
  });

  it("derives the media type from the fields when it is not given", async () => {
    const { at } = await fake(() => ({
      status: 200,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: '{"schemaVersion":2,"layers":[]}',
    }));
    expect((await connect().open(at).getManifest("v1"))?.mediaType).to.equal(OCI_MANIFEST);
  });

  it("sends no request for an invalid tag", async () => {
    const { at, seen } = await fake(() => ({ status: 200 }));
    for (const reference of ["../../x", "a b", "", "sha256:1"])
      await expect(connect().open(at).getManifest(reference)).to.be.rejectedWithError({ code: "invalid" });
    expect(seen).to.deep.equal([]);
  });
});
