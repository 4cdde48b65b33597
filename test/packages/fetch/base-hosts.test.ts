import { describe, it } from "mocha";
import { isDistributionHost } from "../../../provider/packages/fetch/base-hosts.js";
import { expect } from "../../support/expectations.js";

describe("a distribution's own host", () => {
  for (const [url, expected] of [
    ["http://ftp.debian.org/debian", true],
    ["https://ftp.debian.org:443/debian", true],
    ["https://dl-cdn.alpinelinux.org/alpine/v3.19/main", true],
    ["http://ftp.debian.org:8080/debian", false],
    ["http://ftp.debian.org.example.com/debian", false],
    ["http://x.ftp.debian.org/debian", false],
    ["http://169.254.169.254/latest", false],
  ] as const)
    it(`is ${expected ? "" : "not "}that of ${url}`, () => expect(isDistributionHost(new URL(url))).to.equal(expected));
});
