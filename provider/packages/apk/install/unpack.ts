import { rm } from "node:fs/promises";
import type { Cache } from "../../../cache/cache.js";
import { DhiError } from "../../../errors.js";
import type { Fetcher } from "../../fetch/fetcher.js";
import type { AddedPackage, UnpackedPackage } from "../../packages.js";
import { ofPackage } from "../../unpack/package-limits.js";
import { decodeUnpacked, encodeUnpacked } from "../../unpack/unpacked-record.js";
import { ApkCheck } from "../formats/apk-check.js";
import { unpackApk } from "../formats/apk-file.js";
import { statedData } from "../formats/apk-segments.js";
import { infoValues } from "./installed-head.js";

/** Folders of the cache: uncompressed data segments by the digest of their stored form, and records of packages by checksum. */
const tars = "package-tars";
const records = "package-records";

/** Changes with what a record holds (keep.ts). */
const format = "apk1";

export interface UnpackOptions {
  readonly cache: Cache;
  readonly fetcher: Fetcher;
}

/** Downloads, verifies and unpacks a package, or reads the record of an earlier operation. Throws `DhiError` with origin "packages". */
export async function unpackAdded(options: UnpackOptions, added: AddedPackage): Promise<UnpackedPackage> {
  const { cache } = options;
  const key = keyOf(added);
  const known = await readRecord(cache, `${format}-${key}`);
  const unpacked = known ?? (await unpackIntoCache(options, added));
  checkIdentity(unpacked.control, added);
  return { package: added, ...unpacked };
}

/** The path of the uncompressed data segment, unpacked again if it was evicted from the cache. Throws `DhiError` with origin "packages". */
export async function payloadTarOf(options: UnpackOptions, { package: added, payload }: UnpackedPackage): Promise<string> {
  const { cache } = options;
  const path = await cache.path(tars, payload);
  if (path !== undefined) return path;
  await unpackIntoCache(options, added);
  const made = await cache.path(tars, payload);
  if (made !== undefined) return made;
  throw new DhiError("unavailable", `${added.name} was evicted from the cache while it was in use`, {
    origin: "packages",
    hint: "Give the cache more room",
  });
}

type Contents = Omit<UnpackedPackage, "package">;

async function unpackIntoCache({ cache, fetcher }: UnpackOptions, added: AddedPackage): Promise<Contents> {
  const { url, size, checksum, source } = added.payload;
  const key = keyOf(added);
  const file = await fetcher.fetchChecked({ url, origin: source.origin }, { key, size, check: () => new ApkCheck(checksum) });
  const writer = await cache.create(tars);
  try {
    const { control, payload, entries } = await unpackApk({ name: fullName(added), file, checksum, spool: (chunk) => writer.write(chunk) });
    // musl has no library cache that would need their facts.
    const contents = { control, payload, entries, libraries: new Map() };
    checkIdentity(control, added);
    await writer.commit(payload);
    await cache.write(records, `${format}-${key}`, encodeUnpacked(contents));
    return contents;
  } catch (thrown) {
    // It matches the archive's statement, but an invalid package must not stay in the cache.
    if (thrown instanceof DhiError) await rm(file, { force: true });
    throw thrown;
  } finally {
    await writer.discard();
  }
}

/** A record that is damaged, or written by another release, is rebuilt. */
async function readRecord(cache: Cache, key: string): Promise<Contents | undefined> {
  const record = await cache.read(records, key);
  if (record === undefined) return undefined;
  try {
    const contents = decodeUnpacked(record);
    return { ...contents, payload: statedData(contents.control) };
  } catch (thrown) {
    if (thrown instanceof DhiError) return undefined;
    throw thrown;
  }
}

/** Even a signed index may list one package's checksum under another name. */
function checkIdentity(control: ReadonlyMap<string, Buffer>, added: AddedPackage): void {
  const info = control.get(".PKGINFO")?.toString("latin1") ?? "";
  const own = ["pkgname", "pkgver"].map((key) => infoValues(info, key).at(-1) ?? "?");
  if (own.join("\n") === `${added.name}\n${added.version}`) return;
  throw ofPackage(
    fullName(added),
    new DhiError("invalid", `its .PKGINFO says ${own.join("-")}: the package index lists another package's file`, {
      hint: "The archive is broken or was tampered with: use another one in packageSources",
    }),
  );
}

/** A checksum as a file name: `q1-` and hexadecimal digits. Throws `DhiError` "invalid". */
function keyOf({ name, payload: { checksum } }: AddedPackage): string {
  const [, base64] = /^Q1([A-Za-z0-9+/]{27}=)$/.exec(checksum) ?? [];
  if (base64 === undefined)
    throw new DhiError("invalid", `the checksum "${checksum}" of ${name} is not a Q1 checksum`, { origin: "packages" });
  return `q1-${Buffer.from(base64, "base64").toString("hex")}`;
}

function fullName({ name, version }: AddedPackage): string {
  return `${name}-${version}`;
}
