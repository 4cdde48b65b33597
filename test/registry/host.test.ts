import { describe, it } from "mocha";
import { parseRepository } from "../../provider/image/reference.js";
import { checkRegistries } from "../../provider/registry/config.js";
import { canonicalHost, isAtRegistry, namesOf } from "../../provider/registry/host.js";
import { openRepositories } from "../../provider/registry/open.js";
import { expect } from "../support/expectations.js";

describe("the host of a registry", () => {
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
    it(`${written} has the canonical name ${canonical}`, () => {
      expect(canonicalHost(written)).to.equal(canonical);
      expect(canonicalHost(canonical)).to.equal(canonical);
    });
  }

  // A URL omits the default port of its protocol; dhi:registries names hosts as they are written in references.
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
    it(`of ${url} may be configured as ${expected.join(" or ")}`, () => {
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
    it(`${host} is ${expected ? "" : "not "}where ${url} leads`, () => {
      expect(isAtRegistry(host, new URL(url))).to.equal(expected);
    });
  }

  it("with port 80 uses its entry in dhi:registries", async () => {
    const options = { projectDirectory: "/", env: { HOME: "/nonexistent" }, registries: { "r.invalid:80": { plainHttp: true } } };
    const repository = openRepositories(options).open(parseRepository("r.invalid:80/a"));
    await expect(repository.headManifest("1")).to.be.rejectedWithError({ code: "unavailable" });
  });

  it("with the port of TLS cannot have plainHttp", () => {
    expect(() => checkRegistries({ "reg.example:443": { plainHttp: true } })).to.throwError({
      code: "invalid",
      message: "dhi:registries has plainHttp for reg.example:443, the port of TLS",
    });
  });
});
