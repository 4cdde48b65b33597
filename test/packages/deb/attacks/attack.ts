import { DhiError, type ErrorCode } from "../../../../provider/errors.js";
import { buildArchive, type ArchiveFiles, type SuiteSpec } from "../../../support/archives/archive.js";
import { makeKey } from "../../../support/archives/keys.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { attempt, type AttemptOptions } from "../resolve/attempt.js";

export const suite = "dists/bookworm";
/** The key that sources trust, and one that they do not. */
export const ours = makeKey("ours");
export const stranger = makeKey("stranger");

/** An archive, and how it is refused. */
export interface Attack {
  readonly what: string;
  readonly files: () => Promise<ArchiveFiles>;
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly options: Partial<AttemptOptions>;
}

export type AttackRow = readonly [
  what: string,
  files: () => Promise<ArchiveFiles>,
  code: ErrorCode,
  message: RegExp,
  options?: Partial<AttemptOptions>,
];

export function readAttacks(rows: readonly AttackRow[]): readonly Attack[] {
  return rows.map(([what, files, code, message, options = {}]) => ({ what, files, code, message, options }));
}

/** An archive that is signed and whole, but for what `spec` says. */
export async function signed(spec: Partial<SuiteSpec> = {}): Promise<ArchiveFiles> {
  return await buildArchive([{ suite: "bookworm", packages: { main: [{ name: "tool" }] }, keys: [await ours], ...spec }]);
}

/** The same, with other bytes at a path afterwards; under the hash of the old ones too. */
export async function tampered(path: string, change: (bytes: Buffer) => Buffer, spec: Partial<SuiteSpec> = {}): Promise<ArchiveFiles> {
  const files = await signed(spec);
  const old = files.get(path) ?? Buffer.alloc(0);
  const changed = change(old);
  for (const [name, bytes] of files) if (bytes === old) files.set(name, changed);
  return files;
}

/** An archive whose index and signature vouch for `raw` as the package's file. */
export function vouched(raw: () => Buffer): () => Promise<ArchiveFiles> {
  return () => signed({ packages: { main: [{ name: "tool", raw: raw() }] } });
}

export function flip(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, at) => (at === 200 ? byte ^ 1 : byte)));
}

/** Has the archive's package added, and checks how that is refused. `directory`: the cache. */
export async function refused({ files, code, message, options }: Attack, more: Partial<AttemptOptions>): Promise<void> {
  const keys = [(await ours).armored];
  let found: unknown;
  await expect(attempt(await files(), { keys, ...options, ...more })).to.be.rejectedWithError((thrown) => {
    found = thrown;
    return true;
  });
  expectThat(found instanceof DhiError, String((found as Error).stack));
  expect(found.message).to.match(message);
  expect([found.code, found.origin]).to.deep.equal([code, "packages"]);
  expect(/\p{Cc}/u.test(found.message), "the message has a control character").to.equal(false);
}
