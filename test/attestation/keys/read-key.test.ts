import { createPublicKey, generateKeyPairSync, verify, type KeyObject } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { KEY_LIMIT, readKey } from "../../../provider/attestation/keys/read-key.js";
import type { KeyReference } from "../../../provider/attestation/keys/key-reference.js";
import type { SigningKey } from "../../../provider/attestation/keys/signing-key.js";
import type { DhiError } from "../../../provider/errors.js";
import { expect, expectThat } from "../../support/expectations.js";
import { cosignPassword, cosignPrivateKey, cosignPublicKey } from "./cosign-keys.js";

const ec = (namedCurve: string): KeyObject => generateKeyPairSync("ec", { namedCurve }).privateKey;
const rsa = (modulusLength: number): KeyObject => generateKeyPairSync("rsa", { modulusLength }).privateKey;
const pem = (key: KeyObject, type: "pkcs8" | "sec1" | "pkcs1" = "pkcs8", passphrase?: string): string =>
  key.export({ format: "pem", type, ...(passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase }) }).toString();

describe("a private key", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "dhi-keys-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const read = (key: KeyReference, env: NodeJS.ProcessEnv = {}): Promise<SigningKey> =>
    readKey(key, { projectDirectory: folder, env, signal: undefined });
  const fromText = (text: string, password?: string): Promise<SigningKey> =>
    read({ is: "variable", name: "KEY" }, { KEY: text, ...(password === undefined ? {} : { COSIGN_PASSWORD: password }) });
  const message = Buffer.from("what is signed");
  const holds = async (key: SigningKey, publicKey: KeyObject): Promise<boolean> =>
    verify(publicKey.asymmetricKeyType === "ed25519" ? null : "sha256", message, publicKey, await key.sign(message));

  const forms: readonly (readonly [string, () => KeyObject, (key: KeyObject) => string, string?])[] = [
    ["ECDSA on P-256 in PKCS #8", () => ec("prime256v1"), (key) => pem(key)],
    ["ECDSA on P-256 in SEC 1", () => ec("prime256v1"), (key) => pem(key, "sec1")],
    ["ECDSA on P-384", () => ec("secp384r1"), (key) => pem(key)],
    ["Ed25519", () => generateKeyPairSync("ed25519").privateKey, (key) => pem(key)],
    ["RSA of 2048 bits in PKCS #1", () => rsa(2048), (key) => pem(key, "pkcs1")],
    ["an encrypted PKCS #8", () => ec("prime256v1"), (key) => pem(key, "pkcs8", "open sesame"), "open sesame"],
    ["an encrypted SEC 1", () => ec("prime256v1"), (key) => pem(key, "sec1", "open sesame"), "open sesame"],
    ["text around the block", () => ec("prime256v1"), (key) => `a comment\n${pem(key)}another\n`],
  ];
  for (const [name, make, write, password] of forms) {
    it(`signs: ${name}`, async () => {
      const privateKey = make();
      const key = await fromText(write(privateKey), password);
      expect(await holds(key, createPublicKey(privateKey))).to.equal(true);
    });
  }

  for (const label of ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"]) {
    it(`of cosign signs: ${label}`, async () => {
      const text = cosignPrivateKey.replaceAll("ENCRYPTED SIGSTORE PRIVATE KEY", label);
      const key = await fromText(text, cosignPassword);
      const publicKey = createPublicKey(cosignPublicKey);
      expect(await holds(key, publicKey)).to.equal(true);
      expectThat(key.publicKey !== undefined);
      expect(key.publicKey.equals(publicKey)).to.equal(true);
    });
  }

  it("is read from a file of the project", async () => {
    await mkdir(join(folder, "keys"));
    await writeFile(join(folder, "keys", "one.key"), cosignPrivateKey);
    const key = await read({ is: "file", path: "keys/one.key" }, { COSIGN_PASSWORD: cosignPassword });
    expect(await holds(key, createPublicKey(cosignPublicKey))).to.equal(true);
  });

  const openssl = ec("prime256v1");
  const refusals: readonly (readonly [string, string, string | undefined, object])[] = [
    [
      "a wrong password of cosign's",
      cosignPrivateKey,
      "wrong",
      { code: "unauthorized", message: /env:KEY cannot be decrypted with this password/ },
    ],
    ["no password of cosign's", cosignPrivateKey, undefined, { code: "unauthorized", message: /is encrypted/, hint: /COSIGN_PASSWORD/ }],
    ["a wrong password", pem(openssl, "pkcs8", "right"), "wrong", { code: "unauthorized", message: /cannot be decrypted/ }],
    ["no password", pem(openssl, "pkcs8", "right"), undefined, { code: "unauthorized", message: /is encrypted/, hint: /COSIGN_PASSWORD/ }],
    ["no password of an old form", pem(openssl, "sec1", "right"), undefined, { code: "unauthorized", message: /is encrypted/ }],
    ["a public key", cosignPublicKey, undefined, { code: "invalid", message: /is a public key, so it cannot sign/ }],
    ["no PEM", "my secret words", undefined, { code: "invalid", message: /is not in PEM/ }],
    [
      "a damaged key",
      pem(openssl).replace(/[A-Za-z0-9+/]{20}\n/, "AAAAAAAAAAAAAAAAAAAA\n"),
      undefined,
      { code: "invalid", message: /is damaged/ },
    ],
    ["another curve", pem(ec("secp256k1")), undefined, { code: "invalid", message: /of the kind ec secp256k1/, hint: /P-256/ }],
    ["a short RSA key", pem(rsa(1024)), undefined, { code: "invalid", message: /rsa of 1024 bits/, hint: /2048/ }],
    ["a key that does not sign", pem(generateKeyPairSync("x25519").privateKey), undefined, { code: "invalid", message: /x25519/ }],
  ];
  for (const [name, text, password, expected] of refusals) {
    it(`is refused, and not repeated: ${name}`, async () => {
      const work = fromText(text, password);
      await expect(work).to.be.rejectedWithError(expected);
      const error = (await work.catch((thrown: unknown) => thrown)) as DhiError;
      const told = `${error.describe()} ${JSON.stringify(error)} ${String(error.stack)}`;
      for (const line of text.split("\n").filter((one) => one.length > 20 && !one.startsWith("-----"))) expect(told).to.not.include(line);
      expect(told).to.not.include("my secret words");
    });
  }

  const altered = (change: (json: { kdf: { params: { N: number } }; cipher: { nonce: string } }) => void): string => {
    const [, body = ""] = /-----\n([^-]*)\n-----/.exec(cosignPrivateKey) ?? [];
    const json = JSON.parse(Buffer.from(body, "base64").toString()) as Parameters<typeof change>[0];
    change(json);
    const label = "ENCRYPTED SIGSTORE PRIVATE KEY";
    return `-----BEGIN ${label}-----\n${Buffer.from(JSON.stringify(json)).toString("base64")}\n-----END ${label}-----\n`;
  };
  it("of cosign may not need more memory than cosign's", async () => {
    const asked = (N: number) =>
      fromText(
        altered((json) => (json.kdf.params.N = N)),
        cosignPassword,
      );
    // Within the limit, the key is derived, and is another one.
    await expect(asked(2 ** 18)).to.be.rejectedWithError({ code: "unauthorized" });
    await expect(asked(2 ** 19)).to.be.rejectedWithError({ code: "limit", message: /more than 256 MiB/ });
    await expect(asked(3)).to.be.rejectedWithError({ code: "invalid", message: /N is not a power of two/ });
    await expect(fromText(altered((json) => (json.cipher.nonce = "AAAA")))).to.be.rejectedWithError({
      code: "invalid",
      message: /nonce is not 24 bytes/,
    });
  });

  it("must be a file that can be read, and not a large one", async () => {
    const file = (path: string) => read({ is: "file", path });
    await expect(file("absent.key")).to.be.rejectedWithError({
      code: "not-found",
      message: /absent\.key does not exist/,
      hint: /relative/,
    });
    await expect(file(".")).to.be.rejectedWithError({ code: "invalid", message: /is not a file/ });
    const text = pem(openssl);
    await writeFile(join(folder, "fits.key"), text.padEnd(KEY_LIMIT));
    await writeFile(join(folder, "large.key"), text.padEnd(KEY_LIMIT + 1));
    expect(await holds(await file("fits.key"), createPublicKey(openssl))).to.equal(true);
    await expect(file("large.key")).to.be.rejectedWithError({ code: "limit", message: /larger than 64 KiB/ });
  });

  it("must be in the variable that is named", async () => {
    for (const env of [{}, { KEY: "" }]) {
      await expect(read({ is: "variable", name: "KEY" }, env)).to.be.rejectedWithError({
        code: "not-found",
        message: /env:KEY is not set/,
      });
    }
  });
});
