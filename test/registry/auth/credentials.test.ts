import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { checkRegistries, type RegistryConfig } from "../../../provider/registry/config.js";
import type { Credential } from "../../../provider/registry/auth/credential.js";
import { Credentials } from "../../../provider/registry/auth/credentials.js";
import { expect } from "../../support/expectations.js";

const encode = (text: string): string => Buffer.from(text).toString("base64");
const basic = (username: string, password: string): Credential => ({ kind: "basic", username, password });

describe("credentials", () => {
  let root: string;
  let home: string;
  let env: NodeJS.ProcessEnv;
  let count = 0;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "dhi-credentials-"));
    await mkdir(join(root, "bin"));
  });
  after(() => rm(root, { recursive: true }));
  beforeEach(async () => {
    home = join(root, String((count += 1)));
    await mkdir(join(home, ".docker"), { recursive: true });
    env = { HOME: home, PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}` };
  });

  const find = (host: string, name = "acme/app", registries: Record<string, RegistryConfig> = {}): Promise<Credential | undefined> =>
    new Credentials({ env, registries: checkRegistries(registries), signal: undefined }).find(host, name);
  const docker = (content: object): Promise<void> => writeFile(join(home, ".docker", "config.json"), JSON.stringify(content));
  const helper = async (name: string, script: string): Promise<void> => {
    const path = join(root, "bin", `docker-credential-${name}`);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  };

  it("are undefined when none are configured", async () => {
    expect(await find("r.example")).to.equal(undefined);
  });

  const forms: readonly (readonly [string, object, Credential | undefined])[] = [
    ["auth", { auth: encode("bob:pass:word") }, basic("bob", "pass:word")],
    ["auth padded with NUL", { auth: encode("bob:pw\0\0") }, basic("bob", "pw")],
    ["username and password", { username: "bob", password: "pw" }, basic("bob", "pw")],
    ["identitytoken", { auth: encode("bob:"), identitytoken: "refresh" }, { kind: "identity", token: "refresh" }],
    ["the user <token>", { auth: encode("<token>:refresh") }, { kind: "identity", token: "refresh" }],
    ["registrytoken", { registrytoken: "access" }, { kind: "bearer", token: "access" }],
    ["an empty entry", {}, undefined],
    [
      "null where nothing is",
      { auth: encode("bob:pw"), username: null, password: null, identitytoken: null, registrytoken: null },
      basic("bob", "pw"),
    ],
    ["a user without password", { auth: null, username: "bob", password: null }, undefined],
  ];
  for (const [form, entry, expected] of forms) {
    it(`are read from ${form} of docker config`, async () => {
      await docker({ auths: { "r.example": entry }, HttpHeaders: { "X-Unknown": "1" } });
      expect(await find("r.example")).to.deep.equal(expected);
    });
  }

  const texts: readonly (readonly [string, string, Credential | undefined])[] = [
    ["empty", "", undefined],
    ["blank", " \n", undefined],
    ["with a byte order mark", `\ufeff${JSON.stringify({ auths: { "r.example": { auth: encode("bob:pw") } } })}`, basic("bob", "pw")],
    ["with null sections", '{"auths":null,"credHelpers":null,"credsStore":null}', undefined],
    ["with null entries", '{"auths":{"r.example":null},"credHelpers":{"r.example":null}}', undefined],
    ["with a helper of no name", '{"credHelpers":{"r.example":""}}', undefined],
  ];
  for (const [what, text, expected] of texts) {
    it(`are read from a docker config that is ${what}`, async () => {
      await writeFile(join(home, ".docker", "config.json"), text);
      expect(await find("r.example")).to.deep.equal(expected);
    });
  }

  for (const config of [
    { auths: { "user:geheim@r.example": { auth: 5 } } },
    { auths: { "https://user:geheim@r.example": { auth: 5 } } },
    { auths: { "user:geheim@r.example": { auth: encode("no colon") } } },
    { credHelpers: { "user:geheim@r.example": 5 } },
  ]) {
    it(`are not shown in errors about keys of docker config: ${JSON.stringify(config)}`, async () => {
      await docker(config);
      await expect(find("r.example")).to.be.rejectedWithError(
        (error: Error) => error.message.includes("r.example") && !error.message.includes("geheim"),
      );
    });
  }

  const misfits: readonly (readonly [object, RegExp])[] = [
    [{ auths: { "r.example": { auth: 5 } } }, /config\.json: auths\["r\.example"\]\.auth is not a string$/],
    [{ auths: { "r.example": { auth: encode("geheim") } } }, /config\.json: auths\["r\.example"\]\.auth is not base64 of user:password$/],
    [{ auths: ["geheim"] }, /config\.json: auths is not an object$/],
    [{ credsStore: ["geheim"] }, /config\.json: credsStore is not a string$/],
  ];
  for (const [config, message] of misfits) {
    it(`are rejected with the invalid field of docker config: ${message.source}`, async () => {
      await docker(config);
      await expect(find("r.example")).to.be.rejectedWithError({ code: "invalid", message });
    });
  }

  it("are matched by the exact host", async () => {
    await docker({ auths: { "r.example": { auth: encode("a:b") } } });
    for (const host of ["r.example:5000", "ar.example", "r.example.com", "example"]) expect(await find(host)).to.equal(undefined);
  });

  for (const key of ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"]) {
    it(`are found for Docker Hub under ${key}`, async () => {
      await docker({ auths: { [key]: { auth: encode("hub:pw") } } });
      expect(await find("docker.io", "library/x")).to.deep.equal(basic("hub", "pw"));
    });
  }

  it("are taken from the most specific namespace", async () => {
    const auths = {
      "r.example": { auth: encode("host:1") },
      "r.example/acme": { auth: encode("acme:2") },
      "r.example/acme/app": { auth: encode("app:3") },
    };
    await docker({ auths });
    expect(await find("r.example", "acme/app")).to.deep.equal(basic("app", "3"));
    expect(await find("r.example", "acme/apple")).to.deep.equal(basic("acme", "2"));
    expect(await find("r.example", "acmeister")).to.deep.equal(basic("host", "1"));
  });

  it("are looked up in order", async () => {
    const named = (user: string): string => JSON.stringify({ auths: { "r.example": { auth: encode(`${user}:pw`) } } });
    const own = { "r.example": { username: "own", password: "pw" } };
    expect(await find("r.example", "x", own)).to.deep.equal(basic("own", "pw"));
    await writeFile(join(home, ".docker", "config.json"), named("docker"));
    expect(await find("r.example", "x", own)).to.deep.equal(basic("docker", "pw"));
    await mkdir(join(home, "other"));
    await writeFile(join(home, "other", "config.json"), named("other"));
    env = { ...env, DOCKER_CONFIG: join(home, "other") };
    expect(await find("r.example", "x", own)).to.deep.equal(basic("other", "pw"));
    await writeFile(join(home, "auth.json"), named("file"));
    env = { ...env, REGISTRY_AUTH_FILE: join(home, "auth.json") };
    expect(await find("r.example", "x", own)).to.deep.equal(basic("file", "pw"));
    env = { ...env, DOCKER_AUTH_CONFIG: named("variable") };
    expect(await find("r.example", "x", own)).to.deep.equal(basic("variable", "pw"));
    expect(await find("s.example", "x", own)).to.equal(undefined);
  });

  it("are requested from a helper with the server on stdin, and without the stack's configuration", async () => {
    await helper(
      "ok",
      `cat > ${home}/server; echo "$1 $PULUMI_CONFIG $OTHER" > ${home}/seen; echo '{"ServerURL":"x","Username":"bob","Secret":"pw"}'`,
    );
    env = { ...env, PULUMI_CONFIG: "secret", OTHER: "kept" };
    await docker({ credHelpers: { "r.example": "ok", "docker.io": "ok" } });
    expect(await find("r.example")).to.deep.equal(basic("bob", "pw"));
    expect(await readFile(join(home, "server"), "utf8")).to.equal("r.example");
    expect(await readFile(join(home, "seen"), "utf8")).to.equal("get  kept\n");
    await find("docker.io");
    expect(await readFile(join(home, "server"), "utf8")).to.equal("https://index.docker.io/v1/");
  });

  it("are requested from a helper once an operation", async () => {
    await helper("counted", `echo x >> ${home}/runs; echo '{"Username":"<token>","Secret":"refresh"}'`);
    const credentials = new Credentials({
      env,
      registries: checkRegistries({ "r.example": { credentialHelper: "counted" } }),
      signal: undefined,
    });
    const found = await Promise.all(["a", "b", "a"].map((name) => credentials.find("r.example", name)));
    expect(found).to.deep.equal(Array(3).fill({ kind: "identity", token: "refresh" }));
    expect(await readFile(join(home, "runs"), "utf8")).to.equal("x\n");
  });

  it("are looked up in the next place when a helper has none", async () => {
    await helper("empty", "cat > /dev/null; echo 'credentials not found in native keychain'; exit 1");
    await docker({ credsStore: "empty" });
    expect(await find("r.example", "x", { "r.example": { identityToken: "own" } })).to.deep.equal({ kind: "identity", token: "own" });
  });

  it("are rejected with the name of a helper that fails or is missing", async () => {
    await helper("bad", "echo 'vault is locked'; exit 1");
    await helper("garbage", "echo secret-garbage");
    await docker({ credHelpers: { "a.example": "bad", "b.example": "not-installed", "c.example": "garbage", "d.example": "../evil" } });
    await expect(find("a.example")).to.be.rejectedWithError({
      code: "unauthorized",
      message: /docker-credential-bad failed for a\.example: vault is locked/,
    });
    await expect(find("b.example")).to.be.rejectedWithError({
      code: "unauthorized",
      message: /docker-credential-not-installed, .* b\.example, is not on PATH/,
    });
    await expect(find("c.example")).to.be.rejectedWithError((thrown: Error) => !thrown.message.includes("secret-garbage"));
    await expect(find("d.example")).to.be.rejectedWithError({ code: "invalid" });
  });

  const hidden = '{"ServerURL":"x","Username":"bob","Secret":"helper-value-1"}';
  const failures: readonly (readonly [string, string, RegExp])[] = [
    ["told on stderr", "echo 'ERROR: no active account. Run: acme login' >&2; exit 1", /failed for r\.example: ERROR: no active account\. Run: acme login$/],
    ["told on both", "echo locked; echo 'unlock it' >&2; exit 1", /failed for r\.example: unlock it; locked$/],
    ["not told", "exit 3", /failed for r\.example$/],
    ["beside credentials", `echo '${hidden}'; echo 'expired: helper-value-1' >&2; exit 1`, /failed for r\.example: expired: \*\*\*$/],
    ["of a success that is none", `echo 'warning'; echo '${hidden}'; echo 'odd' >&2`, /something that is not credentials: odd$/],
    ["with steering characters", "printf '\\033[31mred\\n\\033[0mno' >&2; exit 1", /: \[31mred \[0mno$/],
    ["endless", "yes helper | head -c 200000 >&2; exit 1", /failed for r\.example: (?:helper )+h?e?l?p?e?r?…$/],
  ]; // prettier-ignore
  for (const [what, script, message] of failures) {
    it(`are rejected with a helper's message, ${what}, and never its output`, async () => {
      await helper("reason", script);
      await docker({ credHelpers: { "r.example": "reason" } });
      await expect(find("r.example")).to.be.rejectedWithError((thrown: Error) => {
        expect(thrown.message).to.match(message);
        expect(thrown.message).to.not.match(/helper-value-1|\{/);
        expect(thrown.message.length).to.be.below(600);
        return true;
      });
    });
  }

  it("are returned without waiting for processes that a helper leaves behind", async () => {
    await helper("daemon", `sleep 60 & echo '${hidden}'`);
    await docker({ credHelpers: { "r.example": "daemon" } });
    expect(await find("r.example")).to.deep.equal(basic("bob", "helper-value-1"));
  });

  it("are optional when the default store is not installed", async () => {
    await docker({ credsStore: "not-installed", auths: { "r.example": { auth: encode("a:b") } } });
    expect(await find("r.example")).to.deep.equal(basic("a", "b"));
    expect(await find("s.example")).to.equal(undefined);
  });

  it("are rejected with the name of an unreadable file, without quoting it", async () => {
    env = { ...env, REGISTRY_AUTH_FILE: join(home, "absent.json") };
    await expect(find("r.example")).to.be.rejectedWithError({ code: "invalid", message: /REGISTRY_AUTH_FILE/ });
    for (const content of [
      '{"auths": {"r": "hunter2',
      '{"auths": {"r.example": {"auth": 5, "password": "hunter2"}}}',
      `{"auths": {"r.example": {"auth": "${encode("hunter2")}"}}}`,
    ]) {
      env = { ...env, REGISTRY_AUTH_FILE: undefined, DOCKER_AUTH_CONFIG: content };
      await expect(find("r.example")).to.be.rejectedWithError(
        (thrown: Error) => /DOCKER_AUTH_CONFIG/.test(thrown.message) && !/hunter2|aHVudGVy/.test(thrown.message),
      );
    }
  });
});

describe("dhi:registries", () => {
  const bad: readonly (readonly [Record<string, RegistryConfig>, RegExp])[] = [
    [
      { "r.example": { username: "a", password: "b", identityToken: "c" } },
      /dhi:registries has more than one way to authenticate to r\.example/,
    ],
    [{ "r.example": { identityToken: "c", credentialHelper: "d" } }, /more than one way/],
    [{ "r.example": { username: "a" } }, /username without password for r\.example/],
    [{ "r.example": { password: "hunter2" } }, /password without username/],
    [{ "r.example/acme": {} }, /"r\.example\/acme", which is not a host/],
    [{ "docker.io": {}, "index.docker.io": {} }, /has two entries for docker\.io/],
    [{ "bob:hunter2@r.example": {} }, /^dhi:registries has a key with a login in it$/],
    [{ "https://bob:hunter2@r.example": {} }, /^dhi:registries has a key with a login in it$/],
  ];
  for (const [config, message] of bad) {
    it(`is rejected when it ${message.source}`, () => {
      expect(() => checkRegistries(config)).to.throwError({ code: "invalid", message });
    });
  }
});
