import { describe, it } from "mocha";
import { expect } from "../../support/expectations.js";
import { connect, fake, type Fake } from "../remote/fake-registry.js";

const tokenServer = (): Promise<Fake> => fake(() => ({ status: 200, body: '{"token":"a-token"}' }));
const challenge = ({ host }: Fake): string => `Bearer realm="http://${host}/token",service="x"`;

describe("the token endpoint of a registry", () => {
  for (const login of ["a login", "an identity token"]) {
    it(`gets ${login} once it is named; another one that is named later does not`, async () => {
      const [own, other] = [await tokenServer(), await tokenServer()];
      let named = own;
      const registry = await fake((_, { headers }) => {
        // The tag `2` always asks for another token.
        const isEnough = headers.authorization !== undefined && named === own;
        return isEnough ? { status: 404 } : { status: 401, headers: { "www-authenticate": challenge(named) } };
      });
      const config = login === "a login" ? { username: "user", password: "password-1" } : { identityToken: "identity-1" };
      const repository = connect({ [registry.host]: config }).open(registry.at);
      expect(await repository.getManifest("1")).to.equal(undefined);
      expect(own.seen.length).to.equal(1);
      named = other;
      await expect(repository.getManifest("2")).to.be.rejectedWithError({
        code: "unauthorized",
        message: new RegExp(`names the token endpoint http://${other.host}, and named http://${own.host} before`),
      });
      expect(other.seen).to.deep.equal([]);
      named = own;
      expect(await repository.getManifest("3")).to.equal(undefined);
    });
  }

  it("may change where there are no credentials", async () => {
    const [own, other] = [await tokenServer(), await tokenServer()];
    let named = own;
    const registry = await fake((key, { headers }) => {
      const isEnough = headers.authorization !== undefined && (named === own || key.endsWith("3"));
      return isEnough ? { status: 404 } : { status: 401, headers: { "www-authenticate": challenge(named) } };
    });
    const repository = connect().open(registry.at);
    expect(await repository.getManifest("1")).to.equal(undefined);
    named = other;
    await expect(repository.getManifest("2")).to.be.rejectedWithError({ code: "unauthorized" });
    expect(other.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined]);
  });
});
