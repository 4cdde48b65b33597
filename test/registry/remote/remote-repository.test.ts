import { describe, it } from "mocha";
import { OCI_INDEX } from "../../../provider/image/media-types.js";
import { expect } from "../../support/expectations.js";
import { readAll, storedManifest, testBlob } from "../../support/registries/images.js";
import { connect, fake } from "./fake-registry.js";

const manifest = storedManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }, OCI_INDEX);

describe("the list of tags", () => {
  it("follows the pages and rejects a loop of them", async () => {
    const { at, seen } = await fake((key) =>
      key.includes("last=b")
        ? { status: 200, body: '{"name":"acme/app","tags":["c","a"]}' }
        : { status: 200, headers: { link: '</v2/acme/app/tags/list?n=2&last=b>; rel="next"' }, body: '{"tags":["b","a"]}' },
    );
    expect(await connect().open(at).listTags()).to.deep.equal(["a", "b", "c"]);
    expect(seen.length).to.equal(2);
    const circle = await fake(() => ({
      status: 200,
      headers: { link: '</v2/acme/app/tags/list?x>; rel="next"' },
      body: '{"tags":null}',
    }));
    await expect(connect().open(circle.at).listTags()).to.be.rejectedWithError({ code: "rejected", message: /loop/ });
  });

  it("is empty for a repository that does not exist", async () => {
    const { at } = await fake(() => ({ status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' }));
    expect(await connect().open(at).listTags()).to.deep.equal([]);
    expect(await connect().open(at).getManifest("v1")).to.equal(undefined);
  });
});

it("a token refused for a deletion is a failed login, whatever the status", async () => {
  const { at, host } = await fake((key, request) => {
    if (key.startsWith("GET /v2/token")) {
      const status = key.includes("delete") ? 400 : 200;
      return { status, body: status === 400 ? '{"details":"unknown action"}' : '{"token":"t"}' };
    }
    const challenge = `Bearer realm="http://${request.headers.host ?? ""}/v2/token",service="s"`;
    if (request.headers.authorization === undefined) return { status: 401, headers: { "www-authenticate": challenge } };
    return { status: 200, headers: { "content-type": OCI_INDEX, "docker-content-digest": manifest.digest }, body: manifest.bytes };
  });
  const hint = `Log in to ${host} (docker login), or set its credentials in dhi:registries`;
  await expect(connect().open(at).deleteTag("v1", manifest.digest)).to.be.rejectedWithError({
    code: "unauthorized",
    message: /answered 400/,
    hint,
  });
});

describe("a remote repository", () => {
  for (const [status, code] of [
    [401, "unauthorized"],
    [403, "unauthorized"],
    [400, "rejected"],
  ] as const) {
    // prettier-ignore
    it(`throws for status ${status} in every method`, async () => {
      const { at } = await fake(() => ({ status }));
      const repository = connect().open(at);
      const blob = testBlob(Buffer.from("x"));
      for (const work of [
        () => repository.headManifest("v1"),
        () => repository.getManifest("v1"),
        () => repository.hasBlob(blob.descriptor),
        () => readAll(repository.readBlob(blob.descriptor)),
        () => repository.putBlob(blob.descriptor, blob.source),
        () => repository.putManifest("v1", manifest),
        () => repository.deleteTag("v1"),
        () => repository.listTags(),
      ]) {
        await expect(work()).to.be.rejectedWithError({ code });
      }
    });
  }
});
