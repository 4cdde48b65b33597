import { describe, it } from "mocha";
import { isLoopback } from "../../provider/http/address.js";
import { isInternalName } from "../../provider/http/internal-name.js";
import { expect } from "../support/expectations.js";

const ends = ["internal", "local", "localhost", "home.arpa", "lan", "intranet", "corp", "home", "private", "localdomain"];

describe("an internal host name", () => {
  const names = ["localhost", "intranet", "intranet:8080", "db", "a..b", "a.example..", ".", ...ends, ...ends.map((end) => `a.b.${end}`)];
  for (const name of names.flatMap((plain) => (plain.includes(":") ? [plain] : [plain, `${plain}.`, plain.toUpperCase()]))) {
    it(`is "${name}"`, () => {
      expect(isInternalName(name)).to.equal(true);
    });
  }

  const public_ = ["ftp.debian.org", "ftp.debian.org.", "local.example", "internal.example.com", "mycorp.example", "a.notlocal", "arpa.home.example", "in-addr.arpa"]; // prettier-ignore
  for (const name of public_) {
    it(`is not "${name}"`, () => {
      expect(isInternalName(name)).to.equal(false);
    });
  }
});

it("a loopback host name may end in a dot", () => {
  for (const host of ["localhost", "localhost.", "localhost.:8080", "a.localhost.", "127.0.0.1.", "[::1]"])
    expect(isLoopback(host), host).to.equal(true);
  for (const host of ["localhost..", "localhost.example", "notlocalhost.", "128.0.0.1"]) expect(isLoopback(host), host).to.equal(false);
});
