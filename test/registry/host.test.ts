import { describe, it } from "mocha";
import { parseRepository } from "../../provider/image/reference.js";
import { checkRegistries } from "../../provider/registry/config.js";
import { canonicalHost, isPlaceOf, namesOf } from "../../provider/registry/host.js";
import { openRepositories } from "../../provider/registry/open.js";
import { expect } from "../support/expectations.js";

describe("a registry's host and port", () => {
  const names: readonly (readonly [string, string])[] = [
    ["reg.example:443", "reg.example"],
    ["reg.example:80", "reg.example:80"],
    ["localhost:443", "localhost:443"],
    ["localhost", "localhost"],
    ["127.0.0.1:443", "127.0.0.1:443"],
    ["[::1]:443", "[::1]:443"],
    ["Registry-1.Docker.io:443", "docker.io"],
  ];
  for (const [written, canonical] of names) {
    it(`${written} is ${canonical}`, () => {
      expect(canonicalHost(written)).to.equal(canonical);
      expect(canonicalHost(canonical)).to.equal(canonical);
    });
  }

  // The URL of a registry leaves out the port that its protocol has anyway; dhi:registries has it as it is written in references.
  const urls: readonly (readonly [string, readonly string[]])[] = [
    ["http://reg.example:80/v2/", ["reg.example:80", "reg.example"]],
    ["http://reg.example:5000/v2/", ["reg.example:5000"]],
    ["https://reg.example/v2/", ["reg.example", "reg.example"]],
    ["https://reg.example:80/v2/", ["reg.example:80"]],
    ["https://localhost:443/v2/", ["localhost:443", "localhost"]],
    ["http://[::1]:80/v2/", ["[::1]:80", "[::1]"]],
    ["https://registry-1.docker.io/v2/", ["docker.io", "docker.io"]],
  ];
  for (const [url, expected] of urls) {
    it(`${url} may be configured as ${expected.join(" or ")}`, () => {
      expect(namesOf(new URL(url))).to.deep.equal(expected);
    });
  }

  const places: readonly (readonly [string, string, boolean])[] = [
    ["reg.example:80", "http://reg.example/token", true],
    ["reg.example", "http://reg.example/token", true],
    ["reg.example:5000", "http://reg.example:5000/token", true],
    ["reg.example:5000", "http://reg.example/token", false],
    ["reg.example:80", "http://reg.example:81/token", false],
    ["reg.example", "http://reg.example.org/token", false],
    ["[::1]:80", "http://[::1]/token", true],
  ];
  for (const [host, url, expected] of places) {
    it(`${url} is ${expected ? "" : "not "}the place of ${host}`, () => {
      expect(isPlaceOf(host, new URL(url))).to.equal(expected);
    });
  }

  it("with port 80 is spoken to as its entry in dhi:registries says", async () => {
    const options = { projectDirectory: "/", env: { HOME: "/nonexistent" }, registries: { "r.invalid:80": { plainHttp: true } } };
    const repository = openRepositories(options).open(parseRepository("r.invalid:80/a"));
    await expect(repository.headManifest("1")).to.be.rejectedWithError({ code: "unavailable" });
  });

  it("with the port of TLS is not spoken to without", () => {
    expect(() => checkRegistries({ "reg.example:443": { plainHttp: true } })).to.throwError({
      code: "invalid",
      message: "dhi:registries has plainHttp for reg.example:443, the port of TLS",
    });
  });
});
