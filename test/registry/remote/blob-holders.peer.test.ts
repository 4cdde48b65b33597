import { it } from "mocha";
import { parseRepository } from "../../../provider/image/reference.js";
import { openRepositories } from "../../../provider/registry/open.js";
import { expect } from "../../support/expectations.js";
import { readAll, testBlob } from "../../support/registries/images.js";
import { startDockerRegistry, startProxy } from "../../support/registries/index.js";
import { cleanup } from "../../support/running-test.js";

it("a blob for several repositories of a registry is sent once and mounted into the others, also after the first upload failed", async () => {
  const registry = await startDockerRegistry();
  cleanup(() => registry.stop());
  let refused = 0;
  const proxy = await startProxy(registry.host, {
    onRequest: ({ method }) => (method === "PUT" && refused-- > 0 ? { kind: "status", status: 403 } : undefined),
  });
  cleanup(() => proxy.stop());
  const repositories = openRepositories({ projectDirectory: "/", env: { HOME: "/nonexistent" } });
  const put = (name: string, blob: ReturnType<typeof testBlob>): Promise<string> =>
    repositories.open(parseRepository(`${proxy.host}/acme/${name}`)).putBlob(blob.descriptor, blob.source);

  const shared = testBlob(Buffer.from("one".repeat(5000)));
  expect(await Promise.all(["a", "b", "c"].map((name) => put(name, shared)))).to.have.members(["uploaded", "mounted", "mounted"]);
  expect(await put("d", shared)).to.equal("mounted");
  expect(await put("d", shared)).to.equal("present");

  refused = 1;
  const again = testBlob(Buffer.from("two".repeat(5000)));
  const results = await Promise.allSettled(["a", "b", "c"].map((name) => put(name, again)));
  // Whichever of them is asked first fails.
  expect(results.map(({ status }) => status).sort()).to.deep.equal(["fulfilled", "fulfilled", "rejected"]);
  for (const name of ["a", "b", "c"]) expect(await put(name, again)).to.be.oneOf(["uploaded", "mounted", "present"]);
  for (const name of ["a", "b", "c"]) {
    const stored = repositories.open(parseRepository(`${registry.host}/acme/${name}`));
    expect(await readAll(stored.readBlob(again.descriptor))).to.deep.equal(again.bytes);
  }
});
