import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { makeCertificates } from "../../../support/registries/certificates.js";
import { testUnless } from "../../../support/skips.js";
import { treeOf } from "../../root/base-tree.js";
import { folder } from "../resolve/attempt.js";
import { add, inUrl, key, login, only, password, serve } from "./private-archive.js";

const skip = spawnSync("openssl", ["version"]).status === 0 ? false : "openssl, which makes the certificates, is missing";

describe("a private archive is read", () => {
  const machine = (host: string, path = ""): string => `machine ${host}${path}\nlogin user\npassword ${password}\n`;

  for (const [what, file] of [
    ["~/.netrc", ".netrc"],
    ["apt's auth.conf", "auth.conf"],
    ["a file of apt's auth.conf.d", "auth.conf.d/90-company.conf"],
  ] as const) {
    it(`with the login of ${what}`, async () => {
      const served = await serve();
      await add({ source: { url: served.url }, machine: { [file]: machine(served.host, "/debian/") } });
      only(served);
    });
  }

  it("with the login of the file that NETRC names", async () => {
    const served = await serve();
    const netrc = join(folder(), "netrc");
    writeFileSync(netrc, `default login user password ${password}\n`);
    await add({ source: { url: served.url }, env: { NETRC: netrc } });
    expect(new Set(served.logins), "a default is for whoever asks").to.deep.equal(new Set(["", login]));
  });

  it("with the login of HTTP_AUTH, sent only in answer to a challenge", async () => {
    for (const realm of ["*", "packages"]) {
      const served = await serve();
      await add({ source: { url: served.url }, env: { HTTP_AUTH: `basic:${realm}:${login}` } });
      expect(new Set(served.logins)).to.deep.equal(new Set(["", login]));
    }
  });

  it("with the login that stack config's URL holds", async () => {
    const served = await serve();
    await add({ configured: { "debian:bookworm": [{ url: served.url.replace("://", `://${inUrl}@`), keys: [(await key).armored] }] } });
    only(served);
  });

  it("with the login that a URL of the base's own sources holds", async () => {
    const served = await serve();
    const line = `deb ${served.url.replace("://", `://${inUrl}@`)} bookworm main\n`;
    await add({ base: treeOf({ "etc/apt/sources.list": line, "etc/apt/trusted.gpg.d/a.asc": (await key).armored }) });
    only(served);
  });

  it(
    "over TLS, where the login need not say so",
    testUnless(skip, async () => {
      const certificates = await makeCertificates(folder());
      const served = await serve({ login, tls: certificates });
      const { hostname } = new URL(served.url);
      await add({ source: { url: served.url }, ca: certificates.ca, machine: { ".netrc": machine(hostname) } });
      only(served);
    }),
  );

  it("not with the login of another host, and the error says where to put the right one", async () => {
    const served = await serve({ login: "somebody:else" });
    for (const way of [
      { env: { HTTP_AUTH: `basic:*:${login}` } },
      { machine: { ".netrc": machine(served.host) } },
      { machine: { "auth.conf": machine("other.example") } },
      { machine: { "auth.conf": machine(served.host, "/other") } },
    ])
      await expect(add({ source: { url: served.url }, ...way })).to.be.rejectedWithError((thrown) => {
        expectThat(thrown instanceof DhiError, inspect(thrown));
        expect([thrown.code, thrown.origin]).to.deep.equal(["unauthorized", "packages"]);
        expect(thrown.hint ?? "").to.match(/~\/\.netrc or \/etc\/apt\/auth\.conf\.d, as "machine 127\.0\.0\.1 login NAME/);
        return true;
      });
    expect(served.logins.filter((given) => given === login).length, "only the first two had one for this place").to.equal(2);
  });
});

describe("a login is for its place alone:", () => {
  it("another host that a redirect leads to does not get it", async () => {
    const other = await serve({});
    const served = await serve({ login, redirect: (path) => (path.startsWith("pool/") ? `${other.url}/${path}` : undefined) });
    await add({ source: { url: served.url }, machine: { ".netrc": `machine ${served.host} login user password ${password}` } });
    only(served);
    expect([other.requests.length, other.logins]).to.deep.equal([1, [""]]);
  });

  it("another host gets its own, if there is one", async () => {
    const other = await serve({ login: "else:where" });
    const served = await serve({ login, redirect: (path) => (path.startsWith("pool/") ? `${other.url}/${path}` : undefined) });
    const netrc = `machine ${served.host} login user password ${password}\nmachine ${other.host} login else password where`;
    await add({ source: { url: served.url }, machine: { ".netrc": netrc } });
    expect(other.logins).to.deep.equal(["else:where"]);
  });

  it("another folder of the same host does not get it", async () => {
    const served = await serve({ redirect: (path) => (path.startsWith("/public/") ? undefined : `/public/${path}`) });
    await expect(
      add({ source: { url: served.url }, machine: { ".netrc": `machine ${served.host}/debian/ login user password ${password}` } }),
    ).to.be.rejectedWithError({ code: "not-found" });
    expect(served.logins.slice(0, 2)).to.deep.equal([login, ""]);
  });

  it("another port does not get the one of stack config's URL", async () => {
    const [served, other] = [await serve(), await serve()];
    const keys = [(await key).armored];
    const sources = [served.url.replace("://", `://${inUrl}@`), other.url].map((url) => ({ url, keys }));
    await expect(add({ configured: { "debian:bookworm": sources } })).to.be.rejectedWithError({ code: "unauthorized" });
    expect(other.logins).to.not.include(login);
  });
});
