import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { localAddress } from "../../provider/http/local-address.js";
import type { Resolve } from "../../provider/http/public-address.js";

const resolving =
  (...addresses: readonly string[]): Resolve =>
  (_, __, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };

describe("the local address of a host name", () => {
  it("is its first address that is not public", async () => {
    assert.equal(await localAddress("one.example", resolving("10.0.0.1")), "10.0.0.1");
    assert.equal(await localAddress("mixed.example", resolving("8.8.8.8", "fd00::1", "10.0.0.1")), "fd00::1");
    assert.equal(await localAddress("public.example", resolving("8.8.8.8", "2a04::1")), undefined);
  });

  it("is undefined when this machine cannot resolve the name", async () => {
    const failing: Resolve = (_, __, callback) => {
      callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), []);
    };
    assert.equal(await localAddress("unknown.example", failing), undefined);
  });

  it("is looked up once", async () => {
    let count = 0;
    const counting: Resolve = (_, __, callback) => {
      count += 1;
      callback(null, [{ address: "10.0.0.1", family: 4 }]);
    };
    assert.deepEqual(await Promise.all([localAddress("once.example", counting), localAddress("once.example", counting)]), [
      "10.0.0.1",
      "10.0.0.1",
    ]);
    assert.equal(count, 1);
  });
});
