import { it } from "mocha";
import { proxyFor } from "../../provider/http/proxy.js";
import { expect, expectThat } from "../support/expectations.js";

const proxies = { HTTPS_PROXY: "http://secure:1", HTTP_PROXY: "http://plain:2" };

const cases: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
  ["https://r.example/", {}, undefined],
  ["https://r.example/", proxies, "http://secure:1/"],
  ["http://r.example/", proxies, "http://plain:2/"],
  ["https://r.example/", { https_proxy: "lower:3" }, "http://lower:3/"],
  ["https://r.example/", { HTTPS_PROXY: "", https_proxy: "http://lower:3" }, "http://lower:3/"],
  ["https://localhost:5000/", proxies, undefined],
  ["https://127.0.0.9/", proxies, undefined],
  ["https://[::1]/", proxies, undefined],
  ["https://r.example/", { ...proxies, NO_PROXY: "r.example" }, undefined],
  ["https://a.r.example/", { ...proxies, NO_PROXY: "r.example" }, undefined],
  ["https://xr.example/", { ...proxies, NO_PROXY: "r.example" }, "http://secure:1/"],
  ["https://r.example/", { ...proxies, NO_PROXY: ".r.example" }, "http://secure:1/"],
  ["https://a.r.example/", { ...proxies, no_proxy: "other, .r.example" }, undefined],
  ["https://a.r.example/", { ...proxies, NO_PROXY: "*.r.example" }, undefined],
  ["https://r.example/", { ...proxies, NO_PROXY: "*" }, undefined],
  ["https://r.example/", { ...proxies, NO_PROXY: "r.example:8443" }, "http://secure:1/"],
  ["https://r.example:8443/", { ...proxies, NO_PROXY: "r.example:8443" }, undefined],
  ["https://R.EXAMPLE/", { ...proxies, NO_PROXY: "r.Example" }, undefined],
  ["https://10.1.2.3/", { ...proxies, NO_PROXY: "10.0.0.0/8" }, undefined],
  ["https://11.1.2.3/", { ...proxies, NO_PROXY: "10.0.0.0/8" }, "http://secure:1/"],
  ["https://10.1.2.3/", { ...proxies, NO_PROXY: "10.1.2.3" }, undefined],
  ["https://[fd00::1]/", { ...proxies, NO_PROXY: "fd00::/8" }, undefined],
  ["https://[fd00::1]/", { ...proxies, NO_PROXY: "[fd00::1]:443" }, undefined],
];

for (const [url, env, expected] of cases) {
  it(`the proxy for ${url} is ${expected ?? "none"} with ${JSON.stringify(env)}`, () => {
    expect(proxyFor(new URL(url), env)?.href).to.equal(expected);
  });
}

it("the error for an invalid proxy URL names the variable and not its value", () => {
  expect(() => proxyFor(new URL("https://r.example/"), { HTTPS_PROXY: "ftp://user:secret@x" })).to.throwError((thrown: unknown) => {
    expectThat(thrown instanceof Error);
    expect(thrown.message).to.match(/HTTPS_PROXY/);
    expect(thrown.message).to.not.match(/secret/);
    return true;
  });
});
