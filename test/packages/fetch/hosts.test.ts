import { describe, it } from "mocha";
import { userHosts } from "../../../provider/packages/fetch/hosts.js";
import { expect } from "../../support/expectations.js";

describe("hosts that stack config names", () => {
  const named: readonly (readonly [readonly string[], string, boolean])[] = [
    [[], "http://mirror.internal/debian", false],
    [["mirror.internal"], "http://mirror.internal/debian", true],
    [["mirror.internal"], "https://mirror.internal:8443/debian", true],
    [["Mirror.Internal"], "http://mirror.internal./debian", true],
    [["mirror.internal:8080"], "http://mirror.internal:8080/debian", true],
    [["mirror.internal:8080"], "http://mirror.internal/debian", false],
    [["mirror.internal:80"], "http://mirror.internal/debian", true],
    [["mirror.internal:80"], "https://mirror.internal/debian", false],
    [["internal"], "http://mirror.internal/debian", false],
    [["10.0.0.1"], "http://0xa000001/debian", true],
    [["[fd00::1]:80"], "http://[fd00:0::1]/debian", true],
  ];
  for (const [listed, url, expected] of named) {
    it(`${listed.join() || "none"} ${expected ? "name" : "do not name"} ${url}`, () => {
      expect(userHosts({ listed }).names(new URL(url))).to.equal(expected);
    });
  }

  it("are those of dhi:packageSources too, with their ports", () => {
    const configured = { "debian:bookworm": [{ url: "https://u:p@mirror.internal/debian" }, { url: "file:///srv" }, { url: "not a URL" }] };
    const hosts = userHosts({ configured });
    expect(hosts.names(new URL("https://mirror.internal/other"))).to.equal(true);
    expect(hosts.names(new URL("http://mirror.internal/debian"))).to.equal(false);
  });

  for (const [entry, shown] of [
    ["http://mirror.internal", '"http://mirror.internal"'],
    ["mirror.internal/debian", '"mirror.internal/debian"'],
    ["*.internal", '"*.internal"'],
    ["", '""'],
    ["mirror.internal:x", '"mirror.internal:x"'],
    ["bob:hunter2@mirror.internal", "an entry with a login"],
  ] as const) {
    // prettier-ignore
    it(`do not have "${entry}"`, () => {
      expect(() => userHosts({ listed: [entry] })).to.throwError({ code: "invalid", message: `dhi:packageHosts has ${shown}, which is not a valid host` });
    });
  }
});
