import { spawnSync } from "node:child_process";
import { inspect } from "node:util";
import { describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import type { ServedArchive, ServeOptions } from "../../../support/archives/serve.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { makeCertificates } from "../../../support/registries/certificates.js";
import type { ForwardProxy, ForwardProxyOptions } from "../../../support/registries/forward-proxy.js";
import { testUnless } from "../../../support/skips.js";
import { folder } from "../resolve/attempt.js";
import { add, inUrl, login, only, password, proxy, serve } from "./private-archive.js";

/** The proxy alone knows where it is. */
const name = "deb.internal.invalid";
const skip = spawnSync("openssl", ["version"]).status === 0 ? false : "openssl, which makes the certificates, is missing";

describe("a private archive behind a proxy", () => {
  const through = async (
    options: ServeOptions,
    more: Omit<ForwardProxyOptions, "route"> = {},
  ): Promise<{ served: ServedArchive; gate: ForwardProxy }> => {
    const served = await serve(options);
    const gate = await proxy({ ...more, route: (target) => (target.startsWith(`${name}:`) ? new URL(served.url).host : undefined) });
    return { served, gate };
  };

  it("is read with HTTP by asking the proxy for the whole URL", async () => {
    const { served, gate } = await through({ login });
    const machine = { ".netrc": `machine http://${name} login user password ${password}` };
    await add({ source: { url: `http://${name}/debian` }, machine, env: { HTTP_PROXY: gate.url } });
    only(served);
    expect(gate.requests[0]).to.equal(`GET http://${name}/debian/dists/bookworm/InRelease`);
    expect(gate.requests.every((line) => line.startsWith(`GET http://${name}/`))).to.equal(true);
  });

  it("does not get a login over plain HTTP unless the entry names http", async () => {
    const { served, gate } = await through({ login });
    const env = { HTTP_PROXY: gate.url, HTTP_AUTH: `basic:*:${login}` };
    const machine = { ".netrc": `machine ${name} login user password ${password}\ndefault login user password ${password}` };
    await expect(add({ source: { url: `http://${name}/debian` }, machine, env })).to.be.rejectedWithError((thrown) => {
      expectThat(thrown instanceof DhiError, inspect(thrown));
      expectThat(thrown.hint?.includes(`machine http://${name} login`), thrown.hint);
      return thrown.code === "unauthorized";
    });
    expect(new Set(served.logins)).to.deep.equal(new Set([""]));
  });

  it(
    "is read with TLS through a tunnel, and the proxy has a login of its own",
    testUnless(skip, async () => {
      const certificates = await makeCertificates(folder(), [name]);
      const { served, gate } = await through({ login, tls: certificates }, { login: "gate:keeper" });
      const env = { HTTPS_PROXY: gate.url.replace("://", "://gate:keeper@") };
      const machine = { ".netrc": `machine ${name} login user password ${password}` };
      await add({ source: { url: `https://${name}/debian` }, machine, env, ca: certificates.ca });
      only(served);
      expect(new Set(gate.requests)).to.deep.equal(new Set([`CONNECT ${name}:443`]));
    }),
  );

  it("is reported as the proxy that rejects, not the archive, without the proxy's password", async () => {
    for (const scheme of ["http", "https"] as const) {
      const { gate } = await through({}, { login: "gate:keeper" });
      const env = { [`${scheme.toUpperCase()}_PROXY`]: gate.url.replace("://", `://${inUrl}@`) };
      await expect(add({ source: { url: `${scheme}://${name}/debian` }, env })).to.be.rejectedWithError({
        code: "unavailable",
        message: /proxy.*407/,
      });
    }
  });

  it("is reached without the proxy where NO_PROXY names it, and always on loopback", async () => {
    const { served, gate } = await through({});
    const env = { HTTP_PROXY: gate.url, NO_PROXY: `other.example,${name}` };
    await expect(add({ source: { url: `http://${name}/debian` }, env })).to.be.rejectedWithError({ code: "unavailable" });
    await add({ source: { url: served.url }, env: { HTTP_PROXY: gate.url } });
    expect(gate.requests).to.deep.equal([]);
  });
});
