import { describe, it } from "mocha";
import { expect } from "../../support/expectations.js";
import { publishImage, testImage } from "../../support/registries/images.js";
import { at, connect, start } from "../stage.js";

describe("the list of repositories of docker-registry", () => {
  for (const auth of ["none", "basic", "bearer"] as const) {
    it(`is read with ${auth} authentication`, async () => {
      const registry = await start(auth === "none" ? {} : { auth });
      const { host, username, password } = registry;
      const repositories = connect(auth === "none" ? {} : { [host]: { username, password } });
      for (const name of ["acme/b", "acme/a"]) await publishImage(repositories.open(at(host, name)), testImage(10), "v1");
      expect(await repositories.listRepositories(host)).to.deep.equal(["acme/a", "acme/b"]);
      if (auth !== "none") await expect(connect().listRepositories(host)).to.be.rejectedWithError({ code: "unauthorized" });
    });
  }
});
