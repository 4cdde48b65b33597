import { it } from "mocha";
import { localAddress } from "../../provider/http/local-address.js";
import type { Resolve } from "../../provider/http/public-address.js";
import { expect } from "../support/expectations.js";

const resolving =
  (...addresses: readonly string[]): Resolve =>
  (_, __, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };

it("the local address of a name is its first address that is not public", async () => {
  expect(await localAddress("one.example", resolving("10.0.0.1"))).to.equal("10.0.0.1");
  expect(await localAddress("mixed.example", resolving("8.8.8.8", "fd00::1", "10.0.0.1"))).to.equal("fd00::1");
  expect(await localAddress("public.example", resolving("8.8.8.8", "2a04::1"))).to.equal(undefined);
});

it("the local address of a name is undefined when this machine cannot resolve the name", async () => {
  const failing: Resolve = (_, __, callback) => {
    callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), []);
  };
  expect(await localAddress("unknown.example", failing)).to.equal(undefined);
});

it("the local address of a name is looked up once", async () => {
  let count = 0;
  const counting: Resolve = (_, __, callback) => {
    count += 1;
    callback(null, [{ address: "10.0.0.1", family: 4 }]);
  };
  expect(await Promise.all([localAddress("once.example", counting), localAddress("once.example", counting)])).to.deep.equal([
    "10.0.0.1",
    "10.0.0.1",
  ]);
  expect(count).to.equal(1);
});
