import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DhiError } from "../../../provider/errors.js";
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
    assert.equal(String(await netrc.read(`${url}/x`, 100)), "in");

    const apt = reader();
    mkdirSync(join(apt.directory, "auth.conf.d"));
    writeFileSync(join(apt.directory, "auth.conf.d", "a.conf"), `machine http://${hostname}/private ${login}`);
    writeFileSync(join(apt.directory, "auth.conf.d", "ignored.dpkg-old"), `machine http://${hostname}/ ${login}`);
    assert.equal(String(await apt.read(`${url}/private/x`, 100)), "in");
    await assert.rejects(apt.read(`${url}/public/x`, 100), { code: "unauthorized" });

    const own = reader();
    own.addLogins([{ protocol: "http", host: hostname, port, path: "/", username: "user", password }]);
    assert.equal(String(await own.read(`${url}/x`, 100)), "in");
  });

  it("of HTTP_AUTH are sent only in answer to a challenge", async () => {
    const url = await guarded();
    assert.equal(String(await reader({ env: { HTTP_AUTH: `basic:*:user:${password}` } }).read(`${url}/x`, 100)), "in");
    assert.equal(String(await reader({ env: { HTTP_AUTH: `basic:packages:user:${password}` } }).read(`${url}/x`, 100)), "in");
    await assert.rejects(reader({ env: { HTTP_AUTH: `basic:other:user:${password}` } }).read(`${url}/x`, 100), { code: "unauthorized" });
    const seen: (string | undefined)[] = [];
    const open = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end("open");
    });
    await reader({ env: { HTTP_AUTH: `basic:*:user:${password}` } }).read(`${open}/x`, 100);
    assert.deepEqual(seen, [undefined]);
  });

  it("without permission are not sent again", async () => {
    const url = await serve((request, response) => response.writeHead(request.headers.authorization === undefined ? 401 : 403).end());
    const { hostname } = new URL(url);
    writeFileSync(join(root, "refused"), `machine ${hostname} login user password ${password}\n`);
    await assert.rejects(reader({ env: { NETRC: join(root, "refused") } }).read(`${url}/x`, 100), {
      code: "unauthorized",
      hint: /accepts the login, but denies access/,
    });
  });

  it("that are missing or wrong are never shown, and the error says where to put them", async () => {
    const url = await guarded();
    await assert.rejects(reader({ env: { HTTP_AUTH: "basic:*:user:wrong-9" } }).read(`${url}/x`, 100), (thrown) => {
      assert.ok(thrown instanceof DhiError);
      assert.equal(thrown.code, "unauthorized");
      // The server answers with what it was sent.
      assert.match(thrown.message, /no: user:\*\*\*/);
      return true;
    });
    await assert.rejects(reader().read(`${url}/x`, 100), (thrown) => {
      assert.ok(thrown instanceof DhiError);
      assert.match(thrown.hint ?? "", /auth\.conf\.d/);
      assert.ok(!thrown.describe().includes(password));
      return true;
    });
  });
});
