import * as dns from "node:dns";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { userHosts } from "../../../provider/packages/fetch/hosts.js";
import { expect } from "../../support/expectations.js";
import { startForwardProxy } from "../../support/registries/forward-proxy.js";
import { reader, root, serve, type Reader } from "./fetching.js";

// A base names an archive, whose server asks for a login (issue 9, item 3). Loopback stands for the archive's own host, so stack config names it.
describe("an archive that a base names", () => {
  interface Thief {
    readonly url: string;
    readonly seen: (string | undefined)[];
  }
  const ask = async (headers: Record<string, string> = { "www-authenticate": 'Basic realm="packages"' }): Promise<Thief> => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      const given = request.headers.authorization;
      seen.push(given === undefined ? undefined : Buffer.from(given.slice("Basic ".length), "base64").toString());
      if (given === undefined) response.writeHead(401, headers).end();
      else response.end("in");
    });
    return { url, seen };
  };
  let files = 0;
  const netrc = (text: string): string => {
    const file = join(root, `netrc-${(files += 1)}`);
    writeFileSync(file, text);
    return file;
  };
  const base = (env: Record<string, string>, listed: readonly string[] = ["127.0.0.1"]): Reader =>
    reader({ env: { HOME: root, ...env }, userHosts: userHosts({ listed }) }, "base");

  it("never gets a netrc's default, even if others name it too", async () => {
    const { url, seen } = await ask();
    const env = { NETRC: netrc("machine other.example login a password b\ndefault login svc password corporate-1\n") };
    await expect(base(env).read(`${url}/x`, 100)).to.be.rejectedWithError({ code: "unauthorized" });
    await expect(base(env).readStart(`${url}/x`, 100)).to.be.rejectedWithError({ code: "unauthorized" });
    await expect(base(env).fetch(`${url}/x`, { digest: `sha256:${"0".repeat(64)}`, size: 2 })).to.be.rejectedWithError({
      code: "unauthorized",
    });
    expect(seen).to.deep.equal([undefined, undefined, undefined]);
    expect(String(await reader({ env }).read(`${url}/x`, 100))).to.equal("in");
  });

  it("gets HTTP_AUTH only where stack config names its host", async () => {
    for (const realm of ["*", "packages"]) {
      const { url, seen } = await ask();
      const env = { HTTP_AUTH: `basic:${realm}:user:libfetch-1` };
      expect(String(await base(env).read(`${url}/x`, 100))).to.equal("in");
      await expect(base(env, []).read(`${url}/x`, 100)).to.be.rejectedWithError({ code: "rejected" });
      expect(seen).to.deep.equal([undefined, "user:libfetch-1"]);
    }
  });

  it("gets a login by the entry that names its host, and its own", async () => {
    const { url, seen } = await ask();
    const { hostname, port } = new URL(url);
    const env = { NETRC: netrc(`machine ${hostname}:${port} login user password entry-1\n`) };
    expect(String(await base(env).read(`${url}/x`, 100))).to.equal("in");
    const own = base({});
    own.addLogins([{ protocol: "http", host: hostname, port, path: "/", username: "base", password: "own-1" }]);
    expect(String(await own.read(`${url}/x`, 100))).to.equal("in");
    expect(seen).to.deep.equal(["user:entry-1", "base:own-1"]);
  });

  it("does not lend its own login to what the user names", async () => {
    const { url, seen } = await ask();
    const { hostname, port } = new URL(url);
    const user = reader();
    user.addLogins([{ protocol: "http", host: hostname, port, path: "/", username: "base", password: "own-1" }], "base");
    await expect(user.read(`${url}/x`, 100)).to.be.rejectedWithError({ code: "unauthorized" });
    expect(seen).to.deep.equal([undefined]);
  });

  it("is not requested at an address of the machine or its network", async () => {
    const { url, seen } = await ask();
    const { port } = new URL(url);
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      "169.254.169.254",
      "10.0.0.1",
      "[fd00::1]",
    ]) {
      const { host: shown } = new URL(`http://${host}`);
      await expect(
        base({}, ["other.example", `127.0.0.1:${Number(port) - 1}`]).read(`http://${host}/dists/x/InRelease`, 100),
      ).to.be.rejectedWithError({
        code: "rejected",
        origin: "packages",
        message:
          /^could not read http:\/\/\S+\/dists\/x\/InRelease: \S+ is (?:at \S+, which is not a public address|not a public host name, .+)$/,
        hint: `The base names it: list ${shown} in dhi:packageHosts if packages may come from there, or set packageSources`,
      });
    }
    expect(seen).to.deep.equal([]);
  });

  it("is not followed to such an address, nor with credentials to another host", async () => {
    const target = await ask();
    const { port } = new URL(target.url);
    const env = { NETRC: netrc("default login svc password corporate-1\n"), HTTP_AUTH: "basic:*:user:libfetch-1" };
    for (const location of [`http://localhost:${port}/steal`, `http://169.254.169.254/latest`, `http://[::1]:${port}/`]) {
      const url = await serve((_, response) => response.writeHead(302, { location }).end());
      await expect(base(env, [new URL(url).host]).read(`${url}/x`, 100)).to.be.rejectedWithError({
        code: "rejected",
        message: /not a public (?:address|host name)/,
      });
    }
    const url = await serve((_, response) => response.writeHead(302, { location: `${target.url}/x` }).end());
    await expect(base(env).read(`${url}/x`, 100)).to.be.rejectedWithError({ code: "unauthorized" });
    expect(target.seen.filter((given) => given !== undefined)).to.deep.equal([]);
  });

  it("is not reached by a connection that the user's own sources opened", async () => {
    const { url, seen } = await ask();
    await expect(reader().read(`${url}/x`, 100)).to.be.rejectedWithError({ code: "unauthorized" });
    await expect(base({}, []).read(`${url}/x`, 100)).to.be.rejectedWithError({ code: "rejected" });
    expect(seen.length).to.equal(1);
  });

  it("is requested through a proxy by its name, which the proxy resolves", async () => {
    const archive = await serve((_, response) => response.end("by proxy"));
    const proxy = await startForwardProxy({ route: () => new URL(archive).host });
    try {
      const env = { HTTP_PROXY: proxy.url };
      expect(String(await base(env, []).read("http://archive.invalid/x", 100))).to.equal("by proxy");
      await expect(base(env, []).read("http://10.0.0.1/x", 100)).to.be.rejectedWithError({
        code: "rejected",
        message: /not a public address/,
      });
      expect(proxy.requests).to.deep.equal(["GET http://archive.invalid/x"]);
    } finally {
      await proxy.stop();
    }
  });

  // The proxy stands within the network that the base must not reach.
  it("is not requested through a proxy by a name of the machine or its network", async () => {
    const archive = await serve((_, response) => response.end("secret"));
    const proxy = await startForwardProxy({ route: () => new URL(archive).host });
    try {
      const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
      for (const host of [
        "metadata.google.internal",
        "intranet",
        "intranet:3142",
        "localhost.",
        "localhost",
        "nas.local",
        "apt.corp.",
        "a.lan",
      ])
        for (const scheme of ["http", "https"]) {
          const url = `${scheme}://${host}/x`;
          const { host: shown } = new URL(url);
          await expect(base(env, []).read(url, 100)).to.be.rejectedWithError({
            code: "rejected",
            message: `could not read ${url}: ${shown} is not a public host name, but one of this machine or a private network`,
            hint: `The base names it: list ${shown} in dhi:packageHosts if packages may come from there, or set packageSources`,
          });
        }
      expect(proxy.requests).to.deep.equal([]);
      expect(String(await base(env, ["intranet"]).read("http://intranet/x", 100))).to.equal("secret");
      expect(String(await reader({ env: { ...env, HOME: root } }).read("http://nas.local/x", 100))).to.equal("secret");
      expect(proxy.requests).to.deep.equal(["GET http://intranet/x", "GET http://nas.local/x"]);
    } finally {
      await proxy.stop();
    }
  });

  it("is not requested through a proxy if its name resolves here to the machine or its network", async () => {
    const proxy = await startForwardProxy();
    const look = (name: string, _: unknown, callback: (error: null, found: dns.LookupAddress[]) => void): void => {
      callback(null, [{ address: name.startsWith("ten.") ? "10.0.0.7" : "169.254.169.254", family: 4 }]);
    };
    const real = dns.lookup;
    Object.assign(dns, { lookup: look });
    try {
      const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
      for (const [url, address] of [
        ["http://ten.rebound.example/x", "10.0.0.7"],
        ["https://meta.rebound.example/x", "169.254.169.254"],
      ] as const)
        await expect(base(env, []).read(url, 100)).to.be.rejectedWithError({
          code: "rejected",
          message: `could not read ${url}: ${new URL(url).host} is at ${address}, which is not a public address`,
        });
      expect(proxy.requests).to.deep.equal([]);
    } finally {
      Object.assign(dns, { lookup: real });
      await proxy.stop();
    }
  });

  it("is not a file of this machine", async () => {
    const url = `file://${join(root, "secret")}`;
    writeFileSync(join(root, "secret"), "of the machine");
    const refused = {
      code: "rejected",
      message: /is a file of this machine, and a base may name only http and https archives/,
      hint: /packageSources/,
    };
    const from = base({});
    await expect(from.read(url, 100)).to.be.rejectedWithError(refused);
    await expect(from.readStart(url, 100)).to.be.rejectedWithError(refused);
    await expect(from.fetch(url, { digest: `sha256:${"0".repeat(64)}`, size: 2 })).to.be.rejectedWithError(refused);
    expect(String(await reader().read(url, 100))).to.equal("of the machine");
  });
});
