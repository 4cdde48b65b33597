import { constants, createHash, createPrivateKey, generateKeyPairSync, privateEncrypt, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { it } from "mocha";
import { shippedApkKeys } from "../../../../provider/packages/apk/keyrings/keyrings.js";
import { readApkKeys } from "../../../../provider/packages/apk/archive/signature.js";
import {
  indexDigest,
  MAX_SIGNERS,
  openSignedIndex,
  signatureDigest,
  SIGNATURE_ROOM,
} from "../../../../provider/packages/apk/archive/signed-index.js";
import { TarReader } from "../../../../provider/rootfs/tar/reader.js";
import { EntryCollector } from "../../../../provider/rootfs/layers/entries.js";
import { buildApk, buildApkIndex, makeApkKey, segment, signature } from "../../../support/archives/apk.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { testUnless } from "../../../support/skips.js";
import { archive, withData } from "../../../support/tar/archive.js";
import { alpine, withoutAlpine } from "../install/alpine-root.js";

const key = makeApkKey();
const other = makeApkKey("other.rsa.pub");
const stanzas = [buildApk({ name: "a" }).stanza];
const trusting = (...keys: readonly (string | Buffer)[]) => ({ keys, allowUnsigned: false });

for (const kind of ["RSA", "RSA256", "RSA512"] as const)
  it(`an index signed ${kind} is read when its key is trusted, whatever its name`, () => {
    const bytes = buildApkIndex(stanzas, { key, kind, date: 1_700_000_000 });
    for (const keys of [[key.publicKey], [other.publicKey + key.publicKey], [Buffer.from(key.publicKey)]]) {
      const { text, date, isSigned } = openSignedIndex(bytes, trusting(...keys), "index");
      expect(text).to.equal(`${stanzas.join("\n")}\n`);
      expect(date?.getTime()).to.equal(1_700_000_000_000);
      expect(isSigned).to.equal(true);
    }
  });

const signed = buildApkIndex(stanzas, { key });
const unsigned = buildApkIndex(stanzas);
const refused: readonly (readonly [string, Buffer, RegExp])[] = [
  ["unsigned", unsigned, /^index is not signed$/],
  ["signed by a stranger", buildApkIndex(stanzas, { key: other }), /names "other.rsa.pub" as its signer, but none of the 1 keys/],
  ["signed by a stranger under a trusted name", buildApkIndex(stanzas, { key: { ...other, name: key.name } }), /names "tests.rsa.pub"/],
  [
    "changed after it was signed",
    Buffer.concat([signed.subarray(0, signed.length - unsigned.length), buildApkIndex([])]),
    /none of the 1 keys/,
  ],
  ["followed by another one", Buffer.concat([signed, unsigned]), /none of the 1 keys/],
  [
    "signed in a way that is not known",
    Buffer.concat([segment(withData({ name: ".SIGN.DSA.x" }, "x")), unsigned]),
    /no signature of a known kind/,
  ],
];
for (const [what, bytes, message] of refused)
  it(`an index that is ${what} is rejected`, () => {
    expect(() => openSignedIndex(bytes, trusting(key.publicKey), "index")).to.throwError({ code: "invalid", message });
  });

it("a signed archive without a readable index is rejected", () => {
  const sign = (bytes: Buffer): Buffer => Buffer.concat([signature(bytes, key), bytes]);
  const open = (bytes: Buffer): unknown => openSignedIndex(sign(bytes), trusting(key.publicKey), "index");
  expect(() => open(gzipSync(archive(withData({ name: "DESCRIPTION" }, "x"))))).to.throwError({
    code: "invalid",
    message: /has no APKINDEX/,
  });
  expect(() => open(gzipSync(archive(withData({ name: "x/APKINDEX" }, "x"))))).to.throwError({ code: "invalid", message: /in a folder/ });
  expect(() => open(gzipSync(Buffer.alloc(129 * 1024 * 1024)))).to.throwError({
    code: "limit",
    message: /unpacks to more than 134217728 bytes/,
  });
});

it("an unsigned index is read only where that is allowed, and a signature must be good even then", () => {
  const allowing = (...keys: readonly string[]) => ({ keys, allowUnsigned: true });
  expect(openSignedIndex(unsigned, allowing(), "index").isSigned).to.equal(false);
  expect(openSignedIndex(unsigned, allowing(key.publicKey), "index").isSigned).to.equal(false);
  expect(openSignedIndex(signed, allowing(key.publicKey), "index").isSigned).to.equal(true);
  expect(() => openSignedIndex(signed, allowing(other.publicKey), "index")).to.throwError({ code: "invalid" });
});

it("a state of an index is identified by its signatures alone", () => {
  const start = signed.subarray(0, SIGNATURE_ROOM);
  expect(signatureDigest(start)).to.equal(indexDigest(signed));
  expect(indexDigest(signed)).to.not.equal(indexDigest(buildApkIndex([...stanzas, buildApk({ name: "b" }).stanza], { key })));
  expect(signatureDigest(unsigned)).to.equal(undefined);
  expect(indexDigest(unsigned)).to.not.equal(indexDigest(buildApkIndex([])));
});

it("invalid keys are rejected", () => {
  const publicKeyEncoding = { type: "spki", format: "pem" } as const;
  const privateKeyEncoding = { type: "pkcs8", format: "pem" } as const;
  const short = generateKeyPairSync("rsa", { modulusLength: 1024, publicKeyEncoding, privateKeyEncoding }).publicKey;
  const curve = generateKeyPairSync("ed25519", { publicKeyEncoding, privateKeyEncoding }).publicKey;
  const damaged = key.publicKey.replace("MII", "AAA");
  for (const [bad, message] of [
    ["", /is not a PEM public key/],
    [key.privateKey, /is not a PEM public key/],
    [short, /fewer than 2048 bits/],
    [curve, /not an RSA key/],
    [damaged, /is damaged/],
  ] as const)
    expect(() => readApkKeys([bad])).to.throwError({ code: "invalid", message });
});

it(
  "the shipped keys of Alpine are those of its own root filesystems, and sign its index",
  testUnless(withoutAlpine, () => {
    const roots = ["x86_64", "aarch64"].map((machine) => {
      const found = new Map<string, string>();
      const collector = new EntryCollector("sha256:0000000000000000000000000000000000000000000000000000000000000000", (path) =>
        path.includes("apk/keys/"),
      );
      const reader = new TarReader(collector);
      reader.write(gunzipSync(readFileSync(join(alpine ?? "", `alpine-minirootfs-3.19.4-${machine}.tar.gz`))));
      for (const entry of collector.entries)
        if ("node" in entry && entry.node.content?.from === "bytes") found.set(entry.path, entry.node.content.bytes.toString("latin1"));
      return found;
    });
    for (const { name, pem } of shippedApkKeys)
      for (const root of roots) expect(root.get(`usr/share/apk/keys/${name}`)?.trim(), name).to.equal(pem.trim());
    for (const [at, machine] of ["x86_64", "aarch64"].entries())
      for (const { name } of shippedApkKeys.filter(({ architectures }) => architectures.includes(machine)))
        expect(roots[at]?.has(`etc/apk/keys/${name}`), `${machine} trusts ${name}`).to.equal(true);
    const bytes = readFileSync(join(alpine ?? "", "main/x86_64/APKINDEX.tar.gz"));
    const own = shippedApkKeys.filter(({ architectures }) => architectures.includes("x86_64")).map(({ pem }) => pem);
    const { date, isSigned } = openSignedIndex(bytes, trusting(...own), "main");
    expect(isSigned).to.equal(true);
    expect(date?.toISOString()).to.equal("2024-06-18T15:36:36.000Z");
    const arm = shippedApkKeys.filter(({ architectures }) => architectures.includes("aarch64")).map(({ pem }) => pem);
    expect(() => openSignedIndex(bytes, trusting(...arm), "main")).to.throwError({ code: "invalid" });
  }),
);

it(
  "melange's repository is verified with its own key",
  testUnless(withoutAlpine, () => {
    const melange = join(alpine ?? "", "../melange");
    const pem = readFileSync(join(melange, "melange.rsa.pub"));
    for (const machine of readdirSync(melange).filter((name) => !name.includes("."))) {
      const { text, date } = openSignedIndex(readFileSync(join(melange, machine, "APKINDEX.tar.gz")), trusting(pem), machine);
      expect(text).to.match(/^P:custom-ca-certs-2$/m);
      expect(date).to.equal(undefined);
    }
  }),
);

it("an index has at most 16 signatures, in whatever members they are", () => {
  const bytes = unsigned;
  const real = signature(bytes, key);
  const bogus = (count: number): Buffer[] =>
    Array.from({ length: count }, (_, at) => segment(withData({ name: `.SIGN.RSA256.k${at}` }, Buffer.alloc(256, 1))));
  const open = (count: number): unknown => openSignedIndex(Buffer.concat([...bogus(count), real, bytes]), trusting(key.publicKey), "index");
  expectThat(open(MAX_SIGNERS - 1));
  expect(() => open(MAX_SIGNERS)).to.throwError({ code: "limit", message: /more than 16 signatures/ });
  // Members that say the same name again count as well.
  const same = Array.from({ length: MAX_SIGNERS + 1 }, () => real);
  expect(() => openSignedIndex(Buffer.concat([...same, bytes]), trusting(key.publicKey), "index")).to.throwError({ code: "limit" });
});

it("a signature of another hash, of other bytes, or with trailing bytes is not valid", () => {
  const bytes = unsigned;
  const signer = createPrivateKey(key.privateKey);
  const member = (made: Buffer): Buffer => segment(withData({ name: ".SIGN.RSA256.tests.rsa.pub" }, made));
  const open = (made: Buffer): unknown => openSignedIndex(Buffer.concat([member(made), bytes]), trusting(key.publicKey), "index");
  const good = sign("sha256", bytes, signer);
  expectThat(open(good));
  const raw = (message: Buffer): Buffer => privateEncrypt({ key: signer, padding: constants.RSA_PKCS1_PADDING }, message);
  const digest = createHash("sha256").update(bytes).digest();
  const prefix = Buffer.from("3031300d060960864801650304020105000420", "hex");
  expect(raw(Buffer.concat([prefix, digest]))).to.deep.equal(good);
  for (const made of [
    sign("sha512", bytes, signer),
    sign("sha256", digest, signer),
    raw(digest),
    raw(Buffer.concat([prefix, digest, Buffer.from([0])])),
    good.subarray(1),
  ])
    expect(() => open(made)).to.throwError({ code: "invalid", message: /none of the 1 keys/ });
});
