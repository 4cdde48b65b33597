import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { expect, expectThat } from "../../support/expectations.js";
import { reader, root, serve } from "./fetching.js";

describe("credentials", () => {
  const password = "geheim-7";
  const guarded = (): Promise<string> =>
    serve((request, response) => {
      const sent = Buffer.from((request.headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
      if (sent === `user:${password}`) response.end("in");
      else response.writeHead(401, { "www-authenticate": 'Basic realm="packages"' }).end(`no: ${sent}`);
    });

  it("come from netrc, from apt and from a source's URL", async () => {
    const url = await guarded();
    const { hostname, port } = new URL(url);
    const login = `login user password ${password}\n`;
    const netrc = reader({ env: { NETRC: join(root, "netrc") } });
    writeFileSync(join(root, "netrc"), `machine ${hostname}:${port} ${login}`);
    expect(String(await netrc.read(`${url}/x`, 100))).to.equal("in");

    const apt = reader();
    mkdirSync(join(apt.directory, "auth.conf.d"));
    writeFileSync(join(apt.directory, "auth.conf.d", "a.conf"), `machine http://${hostname}/private ${login}`);
    writeFileSync(join(apt.directory, "auth.conf.d", "ignored.dpkg-old"), `machine http://${hostname}/ ${login}`);
    expect(String(await apt.read(`${url}/private/x`, 100))).to.equal("in");
    await expect(apt.read(`${url}/public/x`, 100)).to.be.rejectedWithError({ code: "unauthorized" });

    const own = reader();
    own.addLogins([{ protocol: "http", host: hostname, port, path: "/", username: "user", password }]);
    expect(String(await own.read(`${url}/x`, 100))).to.equal("in");
  });

  it("of HTTP_AUTH are sent only in answer to a challenge", async () => {
    const url = await guarded();
    expect(String(await reader({ env: { HTTP_AUTH: `basic:*:user:${password}` } }).read(`${url}/x`, 100))).to.equal("in");
    expect(String(await reader({ env: { HTTP_AUTH: `basic:packages:user:${password}` } }).read(`${url}/x`, 100))).to.equal("in");
    await expect(reader({ env: { HTTP_AUTH: `basic:other:user:${password}` } }).read(`${url}/x`, 100)).to.be.rejectedWithError({
      code: "unauthorized",
    });
    const seen: (string | undefined)[] = [];
    const open = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end("open");
    });
    await reader({ env: { HTTP_AUTH: `basic:*:user:${password}` } }).read(`${open}/x`, 100);
    expect(seen).to.deep.equal([undefined]);
  });

  it("without permission are not sent again", async () => {
    const url = await serve((request, response) => response.writeHead(request.headers.authorization === undefined ? 401 : 403).end());
    const { hostname } = new URL(url);
    writeFileSync(join(root, "refused"), `machine ${hostname} login user password ${password}\n`);
    await expect(reader({ env: { NETRC: join(root, "refused") } }).read(`${url}/x`, 100)).to.be.rejectedWithError({
      code: "unauthorized",
      hint: /accepts the login, but denies access/,
    });
  });

  it("that are missing or wrong are never shown, and the error says where to put them", async () => {
    const url = await guarded();
    await expect(reader({ env: { HTTP_AUTH: "basic:*:user:wrong-9" } }).read(`${url}/x`, 100)).to.be.rejectedWithError((thrown) => {
      expectThat(thrown instanceof DhiError);
      expect(thrown.code).to.equal("unauthorized");
      // The server answers with what it was sent.
      expect(thrown.message).to.match(/no: user:\*\*\*/);
      return true;
    });
    await expect(reader().read(`${url}/x`, 100)).to.be.rejectedWithError((thrown) => {
      expectThat(thrown instanceof DhiError);
      expect(thrown.hint ?? "").to.match(/auth\.conf\.d/);
      expect(thrown.describe()).to.not.include(password);
      return true;
    });
  });
});
