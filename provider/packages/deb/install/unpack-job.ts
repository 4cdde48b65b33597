import { openCache } from "../../../cache/open.js";
import { DhiError } from "../../../errors.js";
import type { Digest } from "../../../image/digest.js";
import { ofPackage } from "../../unpack/package-limits.js";
import { unpackDeb, type UnpackedDeb } from "../formats/deb-file.js";
import type { PackageIdentity } from "../formats/deb-identity.js";
import { readKept } from "./read-kept.js";
import { encodeUnpacked } from "../../unpack/unpacked-record.js";

/** Folders of the cache, by the digest of the package's file: uncompressed payloads, and records of what the file holds. */
export const packageTars = "package-tars";
export const packageRecords = "package-records";

/** A package's file to unpack into the cache. Plain values: it goes to another thread. */
export interface UnpackJob {
  readonly kind: "unpack";
  readonly cacheDirectory: string;
  /** For errors: `curl_7.88.1_amd64`. */
  readonly name: string;
  /** Its digest has been verified. */
  readonly file: string;
  readonly digest: Digest;
  /** What the package's own control file must say. */
  readonly expected: PackageIdentity;
}

function keptOf(name: string, unpacked: UnpackedDeb, tar: string): ReturnType<typeof readKept> {
  try {
    return readKept(unpacked, tar);
  } catch (thrown) {
    throw ofPackage(name, thrown);
  }
}

/** Writes payload and record to the cache. Throws as `unpackDeb` does. */
export async function unpackIntoCache({ cacheDirectory, name, file, digest, expected }: UnpackJob): Promise<void> {
  const cache = openCache({ directory: cacheDirectory });
  const writer = await cache.create(packageTars);
  try {
    const unpacked = await unpackDeb({ name, file, digest, expected, spool: (chunk) => writer.write(chunk) });
    await writer.commit(digest);
    const tar = await cache.path(packageTars, digest);
    if (tar === undefined)
      throw new DhiError("unavailable", `${name} was evicted from the cache while it was in use`, { hint: "Give the cache more room" });
    const record = encodeUnpacked({ control: unpacked.control, ...keptOf(name, unpacked, tar) });
    await cache.write(packageRecords, digest, record);
  } finally {
    await writer.discard();
  }
}
