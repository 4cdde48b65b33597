import { it } from "mocha";
import { shippedKeys } from "../../../../provider/packages/deb/keyrings/keyrings.js";
import { readArchiveKeys } from "../../../../provider/packages/deb/archive/read-keys.js";
import { expect } from "../../../support/expectations.js";

for (const { fingerprint, armored } of shippedKeys) {
  it(`the key ${fingerprint} is what it is called`, async () => {
    const keys = await readArchiveKeys([armored]);
    expect(keys.map((key) => key.getFingerprint().toUpperCase())).to.deep.equal([fingerprint]);
    const [user] = keys[0]?.getUserIDs() ?? [];
    expect(user ?? "").to.match(/^Debian .* \(1[23]\/(?:bookworm|trixie)\) </);
    const expires = await keys[0]?.getExpirationTime();
    expect(expires instanceof Date && expires > new Date("2030-01-01")).to.equal(true);
  });
}
