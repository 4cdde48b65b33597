import { before, it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { verifyInRelease, verifyRelease } from "../../../../provider/packages/deb/archive/signature.js";
import type { ArchiveKey } from "../../../support/archives/keys.js";
import { clearSign, detachSign, makeKey } from "../../../support/archives/keys.js";
import { expect, expectThat } from "../../../support/expectations.js";

const text = "Suite: s\n- dashed\nDate: x  \n é\n";
/** As it is signed: spaces at the ends of lines do not count (RFC 9580, 7.2). */
const signed = "Suite: s\n- dashed\nDate: x\n é\n";
const year = 365 * 86_400;

let ours: ArchiveKey;
let older: ArchiveKey;
let stranger: ArchiveKey;
let expired: ArchiveKey;
before(async () => {
  ours = await makeKey("ours");
  older = await makeKey("older");
  stranger = await makeKey("stranger");
  expired = await makeKey("expired", { date: new Date("2020-01-01"), expires: year });
});

const verify = (message: string | Buffer, keys: readonly (string | Buffer)[]): ReturnType<typeof verifyInRelease> =>
  verifyInRelease(Buffer.from(message as string), { keys, what: "InRelease" });

const fails =
  (code: string, message: RegExp) =>
  (thrown: unknown): boolean => {
    expectThat(thrown instanceof DhiError, String(thrown));
    expect(thrown.message).to.match(message);
    expect(thrown.code).to.equal(code);
    return true;
  };

it("a file signed by a given key is read, with its signer", async () => {
  const { text: read, fingerprints } = await verify(await clearSign(text, [ours]), [ours.armored]);
  expect(read.toString("utf8")).to.equal(signed);
  expect(fingerprints).to.deep.equal([ours.fingerprint]);
});

it("keys are armored texts, one or several, or keyrings", async () => {
  const message = await clearSign(text, [ours]);
  const given: readonly (readonly (string | Buffer)[])[] = [
    [stranger.armored + ours.armored],
    [Buffer.from(ours.armored)],
    [ours.binary],
    [Buffer.concat([stranger.binary, ours.binary])],
    [stranger.binary, ours.armored],
  ];
  for (const keys of given) expect((await verify(message, keys)).fingerprints).to.deep.equal([ours.fingerprint]);
});

it("one good signature of several is enough, and all good ones are returned", async () => {
  const message = await clearSign(text, [older, ours]);
  expect((await verify(message, [ours.armored])).fingerprints).to.deep.equal([ours.fingerprint]);
  expect((await verify(message, [ours.armored, older.armored])).fingerprints.toSorted()).to.deep.equal(
    [older, ours].map((k) => k.fingerprint).toSorted(),
  );
});

it("a signature outlives its key", async () => {
  const then = await clearSign(text, [expired], new Date("2020-06-01"));
  expect((await verify(then, [expired.armored])).fingerprints).to.deep.equal([expired.fingerprint]);
});

it("a signature from before its key or from the future is rejected", async () => {
  const ahead = await clearSign(text, [ours], new Date(Date.now() + 86_400_000));
  await expect(verify(ahead, [ours.armored])).to.be.rejectedWithError(fails("mismatch", /bad signature by key .*future/));
  const later = { keys: [ours.armored], what: "InRelease", now: new Date(Date.now() + 2 * 86_400_000) };
  expect((await verifyInRelease(Buffer.from(ahead), later)).fingerprints.length).to.equal(1);
});

it("an unsigned file is rejected", async () => {
  await expect(verify(text, [ours.armored])).to.be.rejectedWithError(fails("invalid", /^InRelease is not signed$/));
  await expect(verify("", [ours.armored])).to.be.rejectedWithError(fails("invalid", /is not signed/));
});

it("a file signed by another key is rejected, and both keys are named", async () => {
  const message = await clearSign(text, [stranger, older]);
  await expect(verify(message, [ours.armored])).to.be.rejectedWithError((thrown) => {
    fails("invalid", /is signed by .*, which is none of the trusted keys/)(thrown);
    for (const { id } of [stranger, older, ours]) expect((thrown as Error).message).to.include(id);
    return true;
  });
});

it("a changed text is rejected", async () => {
  const message = await clearSign(text, [ours]);
  await expect(verify(message.replace("Suite: s", "Suite: t"), [ours.armored])).to.be.rejectedWithError(
    fails("mismatch", new RegExp(`bad signature by key ${ours.id}`)),
  );
  const added = message.replace("Suite: s", "Suite: s\nOther: x");
  await expect(verify(added, [ours.armored, stranger.armored])).to.be.rejectedWithError(fails("mismatch", /bad signature/));
});

it("text outside of the signed part is rejected", async () => {
  const message = await clearSign(text, [ours]);
  for (const wrong of [`Suite: evil\n${message}`, `${message}\nSuite: evil\n`, `\n\nx\n${message}`, message + message])
    await expect(verify(wrong, [ours.armored])).to.be.rejectedWithError(fails("invalid", /text outside of the signed part/));
  expect((await verify(`\n${message}\n\n`, [ours.armored])).text.toString("utf8")).to.equal(signed);
});

it("a malformed file is rejected", async () => {
  const message = await clearSign(text, [ours]);
  await expect(verify(message.slice(0, -60), [ours.armored])).to.be.rejectedWithError(
    fails("invalid", /malformed: its signature is truncated/),
  );
  await expect(verify(message.slice(0, 80), [ours.armored])).to.be.rejectedWithError(fails("invalid", /malformed/));
  await expect(verify(message.replace(/\n\nw/, "\n\n!!!w"), [ours.armored])).to.be.rejectedWithError(fails("invalid", /malformed/));
  await expect(verify(Buffer.concat([Buffer.from([0xff]), Buffer.from(message)]), [ours.armored])).to.be.rejectedWithError(
    fails("invalid", /UTF-8/),
  );
});

it("an invalid key is rejected", async () => {
  const message = await clearSign(text, [ours]);
  await expect(verify(message, ["nonsense"])).to.be.rejectedWithError(
    fails("invalid", /^the archive key is not a valid OpenPGP public key$/),
  );
  await expect(verify(message, [ours.armored, Buffer.from("nonsense")])).to.be.rejectedWithError(fails("invalid", /the 2\. archive key/));
  await expect(verify(message, [])).to.be.rejectedWithError(fails("invalid", /there are none/));
});

it("Release is verified with Release.gpg", async () => {
  const release = Buffer.from(text);
  const options = { keys: [ours.armored], what: "Release" };
  const armored = await detachSign(release, [older, ours]);
  const verified = await verifyRelease(release, Buffer.from(armored), options);
  expect(verified.fingerprints).to.deep.equal([ours.fingerprint]);
  expect(verified.text.equals(release)).to.equal(true);
  const { readSignature } = await import("openpgp");
  const binary = Buffer.from((await readSignature({ armoredSignature: armored })).write() as Uint8Array);
  expect((await verifyRelease(release, binary, options)).fingerprints).to.deep.equal([ours.fingerprint]);
  await expect(verifyRelease(Buffer.from(`${text} `), binary, options)).to.be.rejectedWithError(fails("mismatch", /bad signature/));
  await expect(verifyRelease(release, Buffer.from(await detachSign(release, [stranger])), options)).to.be.rejectedWithError(
    fails("invalid", new RegExp(stranger.id)),
  );
  await expect(verifyRelease(release, Buffer.from("nonsense"), options)).to.be.rejectedWithError(
    fails("invalid", /Release is (malformed|not signed)/),
  );
  await expect(verifyRelease(release, Buffer.alloc(0), options)).to.be.rejectedWithError(
    fails("invalid", /Release is (malformed|not signed)/),
  );
});
