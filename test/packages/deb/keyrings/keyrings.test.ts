import { strict as assert } from "node:assert";
import { it } from "node:test";
import { shippedKeys } from "../../../../provider/packages/deb/keyrings/keyrings.js";
import { readArchiveKeys } from "../../../../provider/packages/deb/archive/read-keys.js";

for (const { fingerprint, armored } of shippedKeys) {
  it(`the key ${fingerprint} is what it is called`, async () => {
    const keys = await readArchiveKeys([armored]);
    assert.deepEqual(
      keys.map((key) => key.getFingerprint().toUpperCase()),
      [fingerprint],
    );
    const [user] = keys[0]?.getUserIDs() ?? [];
    assert.match(user ?? "", /^Debian .* \(1[23]\/(?:bookworm|trixie)\) </);
    const expires = await keys[0]?.getExpirationTime();
    assert.ok(expires instanceof Date && expires > new Date("2030-01-01"));
  });
}
