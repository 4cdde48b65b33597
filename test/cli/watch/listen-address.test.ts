import { describe, it } from "mocha";
import { formatListenAddress, parseListenAddress } from "../../../cli/watch/listen-address.js";
import { expect } from "../../support/expectations.js";

describe("an address to listen on", () => {
  for (const [text, host, port] of [
    ["127.0.0.1:8723", "127.0.0.1", 8723],
    ["[::1]:0", "::1", 0],
    ["0.0.0.0:65535", "0.0.0.0", 65_535],
    ["localhost:80", "localhost", 80],
  ] as const) {
    it(`is ${text}`, () => {
      expect(parseListenAddress(text)).to.deep.equal({ host, port });
      expect(formatListenAddress({ host, port })).to.equal(text);
    });
  }

  for (const text of ["", "8723", ":8723", "127.0.0.1", "127.0.0.1:65536", "::1:80", "http://127.0.0.1:80", "a b:1", "127.0.0.1:-1"]) {
    it(`is not "${text}"`, () => expect(() => parseListenAddress(text)).to.throwError({ code: "invalid", hint: /127\.0\.0\.1:8723/ }));
  }
});
