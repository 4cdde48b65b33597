import { describe, it } from "mocha";
import { parseVerify } from "../../../provider/pipeline/spec/verify.js";
import { expect } from "../../support/expectations.js";

const [identity, issuer] = ["https://ci.example.com/acme", "https://ci.example.com"];

describe("a declared policy", () => {
  it("is keys, or an identity with its issuer", () => {
    expect(parseVerify({ keys: ["dhi", "cosign.pub"] }, "verify")).to.deep.equal({
      by: { keys: ["dhi", "cosign.pub"] },
      source: undefined,
    });
    expect(parseVerify({ identity, issuer }, "verify").by).to.deep.equal({ identity, issuer, trustedRoot: undefined });
    const sigstore = { trustedRoot: "root.json", fulcioUrl: "https://fulcio.example.com" };
    expect(parseVerify({ identity, issuer, sigstore }, "verify").by).to.have.property("trustedRoot", "root.json");
    expect(parseVerify({ keys: ["dhi"], source: "oci:other" }, "verify").source).to.deep.equal({ kind: "layout", path: "other" });
  });

  const mistakes: readonly (readonly [unknown, RegExp])[] = [
    [{}, /^verify has neither keys nor an identity\. Give keys, or both identity and issuer$/],
    [{ identity }, /^verify has only one of identity and issuer\./],
    [{ issuer }, /^verify has only one of identity and issuer\./],
    [{ identity: "", issuer }, /^verify\.identity "" is not an e-mail address or a URI$/],
    [{ identity, issuer: "" }, /^verify\.issuer "" is not the URL of an OpenID Connect provider$/],
    [{ keys: [] }, /^verify\.keys is empty\. Give PEM text, a file, or dhi$/],
    [{ keys: [""] }, /^verify\.keys\.0 "" is not a key\./],
    [{ keys: "dhi" }, /^verify\.keys is not a list\. Give a list of keys$/],
    [{ keys: ["dhi"], identity }, /^verify\.identity is not used with keys\./],
    [{ keys: ["dhi"], issuer }, /^verify\.issuer is not used with keys\./],
    [{ keys: ["dhi"], sigstore: {} }, /^verify\.sigstore is not used with keys\./],
    [{ identity, issuer, sigstore: { rekorUrl: "https://rekor.example.com" } }, /^verify\.sigstore\.trustedRoot is missing\./],
    [{ key: "dhi" }, /^verify has no property "key"\. It has keys, identity, issuer, sigstore, source$/],
    ["dhi", /^verify is not an object\./],
    [{ keys: ["dhi"], source: "oci:" }, /^verify\.source "oci:" has no path of a layout folder/],
  ];
  for (const [value, message] of mistakes) {
    it(`is not ${JSON.stringify(value)}`, () => {
      expect(() => parseVerify(value, "verify")).to.throwError({ code: "invalid", message });
    });
  }
});
