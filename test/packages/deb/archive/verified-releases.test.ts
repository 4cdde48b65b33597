import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "mocha";
import { openCache } from "../../../../provider/cache/open.js";
import { DhiError } from "../../../../provider/errors.js";
import { verifyInRelease, verifyRelease, type Verified } from "../../../../provider/packages/deb/archive/signature.js";
import { rememberVerified, type Signed } from "../../../../provider/packages/deb/archive/verified-releases.js";
import { clearSign, detachSign, makeKey, type ArchiveKey } from "../../../support/archives/keys.js";
import { expect } from "../../../support/expectations.js";

const root = mkdtempSync(join(tmpdir(), "dhi-verified-"));
after(() => {
  rmSync(root, { recursive: true });
});

let ours: ArchiveKey;
let stranger: ArchiveKey;
before(async () => {
  ours = await makeKey("ours");
  stranger = await makeKey("stranger");
});

/** Of 2024-01-02, by gpg with `--default-sig-expire 50y`, and its key. */
const ending = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Suite: s
-----BEGIN PGP SIGNATURE-----

iHsEARYIACMWIQQNB0rOAZVymIOULfu/WoI+EHJJqAUCZZNSAAWDXfwPAAAKCRC/
WoI+EHJJqA8PAQDODfXXsgcggq/3X+0rXkIsKMmwnE5+YbHQyv57cu6FkwEA5GMB
VzesmQ0057n1Hno/NyHfhH2jp+H93rIhsRzV/A0=
=MfXF
-----END PGP SIGNATURE-----
`;
const endingKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEZZIAgBYJKwYBBAHaRw8BAQdABAL1rkaWUAoQZvWi+qvIFRDvPP8395HVjQeN
wp763rW0HGVuZGluZyA8YXJjaGl2ZUBleGFtcGxlLm9yZz6IkAQTFggAOBYhBA0H
Ss4BlXKYg5Qt+79agj4QckmoBQJlkgCAAhsDBQsJCAcCBhUKCQgLAgQWAgMBAh4B
AheAAAoJEL9agj4QckmoomUBAMzVjfb2R6hyl5RaqZx485b0NeibTm4o3XyzD86k
kNG6APwNTSEBMvCiFrKun/nTxJdJB0W/YaevvN2tk7Hjy3J0Aw==
=OjHu
-----END PGP PUBLIC KEY BLOCK-----
`;

const text = "Suite: s\n é\n";
let folders = 0;

/** Verifies with a cache, and tells how often signatures were really checked. */
function verifier(directory = join(root, String((folders += 1)))): {
  readonly directory: string;
  readonly verify: (signed: Signed) => Promise<Verified>;
  readonly checks: () => number;
} {
  let checks = 0;
  const verify = (signed: Signed): Promise<Verified> =>
    rememberVerified(openCache({ directory }), signed, () => {
      checks += 1;
      const { bytes, signature, keys } = signed;
      return signature === undefined ? verifyInRelease(bytes, { keys, what: "it" }) : verifyRelease(bytes, signature, { keys, what: "it" });
    });
  return { directory, verify, checks: () => checks };
}

it("a verified release is remembered, for exactly the same bytes and keys", async () => {
  const { verify, checks } = verifier();
  const bytes = Buffer.from(await clearSign(text, [ours]));
  const first = await verify({ bytes, keys: [ours.armored] });
  expect([first.text.toString(), first.fingerprints]).to.deep.equal([text, [ours.fingerprint]]);
  expect(await verify({ bytes, keys: [ours.armored] })).to.deep.equal(first);
  expect(checks()).to.equal(1);
  for (const keys of [[ours.binary], [ours.armored, stranger.armored], [stranger.armored + ours.armored]]) await verify({ bytes, keys });
  expect(checks()).to.equal(4);
  for (const bad of [
    { bytes, keys: [stranger.armored] },
    { bytes: Buffer.from(bytes.toString().replace("é", "e")), keys: [ours.armored] },
  ])
    for (let round = 0; round < 2; round += 1)
      await expect(verify(bad)).to.be.rejectedWithError(
        (thrown) => thrown instanceof DhiError && ["invalid", "mismatch"].includes(thrown.code),
      );
  expect(checks()).to.equal(8);
});

it("a detached signature is not mistaken for an inline one, nor for that of another file", async () => {
  const { verify, checks } = verifier();
  const bytes = Buffer.from(text);
  const signature = Buffer.from(await detachSign(bytes, [ours]));
  const keys = [ours.armored];
  const first = await verify({ bytes, signature, keys });
  expect(await verify({ bytes, signature, keys })).to.deep.equal(first);
  expect(first.text.equals(bytes)).to.equal(true);
  expect(checks()).to.equal(1);
  for (const bad of [
    { bytes, keys },
    { bytes: signature, keys },
    { bytes: Buffer.from("Suite: t\n"), signature, keys },
  ])
    await expect(verify(bad)).to.be.rejectedWithError(DhiError);
  expect(checks()).to.equal(4);
});

it("a signature that expires is verified each time", async () => {
  const { verify, checks } = verifier();
  const bytes = Buffer.from(ending);
  for (let round = 0; round < 2; round += 1) expect((await verify({ bytes, keys: [endingKey] })).lasting).to.equal(false);
  expect(checks()).to.equal(2);
  await expect(verifyInRelease(bytes, { keys: [endingKey], what: "it", now: new Date("2100-01-01") })).to.be.rejectedWithError(/expired/);
});

it("a damaged record is ignored", async () => {
  const { directory, verify, checks } = verifier();
  const bytes = Buffer.from(await clearSign(text, [ours]));
  const first = await verify({ bytes, keys: [ours.armored] });
  const [name = ""] = readdirSync(join(directory, "verified-releases"), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.includes("/"),
  );
  const file = join(directory, "verified-releases", name);
  const record = readFileSync(file);
  const damaged = [Buffer.alloc(0), record.subarray(0, -1), Buffer.from(record).fill(1, record.length - 9, record.length - 6)];
  for (const [at, bad] of damaged.entries()) {
    writeFileSync(file, bad);
    expect(await verify({ bytes, keys: [ours.armored] })).to.deep.equal(first);
    expect(checks()).to.equal(at + 2);
  }
});
