import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { DhiError } from "../../../../provider/errors.js";
import { verifyInRelease, verifyRelease } from "../../../../provider/packages/deb/archive/signature.js";
import type { ArchiveKey } from "../../../support/archives/keys.js";
import { clearSign, detachSign, makeKey } from "../../../support/archives/keys.js";

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
    assert.ok(thrown instanceof DhiError, String(thrown));
    assert.match(thrown.message, message);
    assert.equal(thrown.code, code);
    return true;
  };

test("a file signed by a given key is read, with its signer", async () => {
  const { text: read, fingerprints } = await verify(await clearSign(text, [ours]), [ours.armored]);
  assert.equal(read.toString("utf8"), signed);
  assert.deepEqual(fingerprints, [ours.fingerprint]);
});

test("keys are armored texts, one or several, or keyrings", async () => {
  const message = await clearSign(text, [ours]);
  const given: readonly (readonly (string | Buffer)[])[] = [
    [stranger.armored + ours.armored],
    [Buffer.from(ours.armored)],
    [ours.binary],
    [Buffer.concat([stranger.binary, ours.binary])],
    [stranger.binary, ours.armored],
  ];
  for (const keys of given) assert.deepEqual((await verify(message, keys)).fingerprints, [ours.fingerprint]);
});

test("one good signature of several is enough, and all good ones are returned", async () => {
  const message = await clearSign(text, [older, ours]);
  assert.deepEqual((await verify(message, [ours.armored])).fingerprints, [ours.fingerprint]);
  assert.deepEqual(
    (await verify(message, [ours.armored, older.armored])).fingerprints.toSorted(),
    [older, ours].map((k) => k.fingerprint).toSorted(),
  );
});

test("a signature outlives its key", async () => {
  const then = await clearSign(text, [expired], new Date("2020-06-01"));
  assert.deepEqual((await verify(then, [expired.armored])).fingerprints, [expired.fingerprint]);
});

test("a signature from before its key or from the future is rejected", async () => {
  const ahead = await clearSign(text, [ours], new Date(Date.now() + 86_400_000));
  await assert.rejects(verify(ahead, [ours.armored]), fails("mismatch", /bad signature by key .*future/));
  const later = { keys: [ours.armored], what: "InRelease", now: new Date(Date.now() + 2 * 86_400_000) };
  assert.equal((await verifyInRelease(Buffer.from(ahead), later)).fingerprints.length, 1);
});

test("an unsigned file is rejected", async () => {
  await assert.rejects(verify(text, [ours.armored]), fails("invalid", /^InRelease is not signed$/));
  await assert.rejects(verify("", [ours.armored]), fails("invalid", /is not signed/));
});

test("a file signed by another key is rejected, and both keys are named", async () => {
  const message = await clearSign(text, [stranger, older]);
  await assert.rejects(verify(message, [ours.armored]), (thrown) => {
    fails("invalid", /is signed by .*, which is none of the trusted keys/)(thrown);
    for (const { id } of [stranger, older, ours]) assert.ok((thrown as Error).message.includes(id));
    return true;
  });
});

test("a changed text is rejected", async () => {
  const message = await clearSign(text, [ours]);
  await assert.rejects(
    verify(message.replace("Suite: s", "Suite: t"), [ours.armored]),
    fails("mismatch", new RegExp(`bad signature by key ${ours.id}`)),
  );
  const added = message.replace("Suite: s", "Suite: s\nOther: x");
  await assert.rejects(verify(added, [ours.armored, stranger.armored]), fails("mismatch", /bad signature/));
});

test("text outside of the signed part is rejected", async () => {
  const message = await clearSign(text, [ours]);
  for (const wrong of [`Suite: evil\n${message}`, `${message}\nSuite: evil\n`, `\n\nx\n${message}`, message + message])
    await assert.rejects(verify(wrong, [ours.armored]), fails("invalid", /text outside of the signed part/));
  assert.equal((await verify(`\n${message}\n\n`, [ours.armored])).text.toString("utf8"), signed);
});

test("a malformed file is rejected", async () => {
  const message = await clearSign(text, [ours]);
  await assert.rejects(verify(message.slice(0, -60), [ours.armored]), fails("invalid", /malformed: its signature is truncated/));
  await assert.rejects(verify(message.slice(0, 80), [ours.armored]), fails("invalid", /malformed/));
  await assert.rejects(verify(message.replace(/\n\nw/, "\n\n!!!w"), [ours.armored]), fails("invalid", /malformed/));
  await assert.rejects(verify(Buffer.concat([Buffer.from([0xff]), Buffer.from(message)]), [ours.armored]), fails("invalid", /UTF-8/));
});

test("an invalid key is rejected", async () => {
  const message = await clearSign(text, [ours]);
  await assert.rejects(verify(message, ["nonsense"]), fails("invalid", /^the archive key is not a valid OpenPGP public key$/));
  await assert.rejects(verify(message, [ours.armored, Buffer.from("nonsense")]), fails("invalid", /the 2\. archive key/));
  await assert.rejects(verify(message, []), fails("invalid", /there are none/));
});

test("Release is verified with Release.gpg", async () => {
  const release = Buffer.from(text);
  const options = { keys: [ours.armored], what: "Release" };
  const armored = await detachSign(release, [older, ours]);
  const verified = await verifyRelease(release, Buffer.from(armored), options);
  assert.deepEqual(verified.fingerprints, [ours.fingerprint]);
  assert.ok(verified.text.equals(release));
  const { readSignature } = await import("openpgp");
  const binary = Buffer.from((await readSignature({ armoredSignature: armored })).write() as Uint8Array);
  assert.deepEqual((await verifyRelease(release, binary, options)).fingerprints, [ours.fingerprint]);
  await assert.rejects(verifyRelease(Buffer.from(`${text} `), binary, options), fails("mismatch", /bad signature/));
  await assert.rejects(
    verifyRelease(release, Buffer.from(await detachSign(release, [stranger])), options),
    fails("invalid", new RegExp(stranger.id)),
  );
  await assert.rejects(verifyRelease(release, Buffer.from("nonsense"), options), fails("invalid", /Release is (malformed|not signed)/));
  await assert.rejects(verifyRelease(release, Buffer.alloc(0), options), fails("invalid", /Release is (malformed|not signed)/));
});
