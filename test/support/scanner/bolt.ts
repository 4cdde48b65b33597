/** A bucket of a bolt database: values, and buckets in it. */
export interface Bucket {
  readonly [key: string]: string | Bucket;
}

const PAGE_SIZE = 4096;
const META = 0x04;
const LEAF = 0x02;
const FREELIST = 0x10;
const BUCKET_ELEMENT = 1;

/** A database that go.etcd.io/bbolt opens (page.go, bucket.go). All buckets are inline, that is in the one page of the root. */
export function boltDatabase(root: Bucket): Buffer {
  const leaf = leafPage(3, root);
  const pages = Math.ceil(leaf.length / PAGE_SIZE);
  leaf.writeUInt32LE(pages - 1, 12);
  const all = [metaPage(0, 3 + pages), metaPage(1, 3 + pages), header(2, FREELIST, 0), leaf];
  return Buffer.concat(all.map((page) => Buffer.concat([page, Buffer.alloc(-page.length & (PAGE_SIZE - 1))])));
}

function header(id: number, flags: number, count: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(id), 0);
  bytes.writeUInt16LE(flags, 8);
  bytes.writeUInt16LE(count, 10);
  return bytes;
}

function leafPage(id: number, bucket: Bucket): Buffer {
  const entries = Object.entries(bucket)
    .map(([key, value]) => {
      const isBucket = typeof value !== "string";
      return { key: Buffer.from(key), flags: isBucket ? BUCKET_ELEMENT : 0, value: isBucket ? inlineBucket(value) : Buffer.from(value) };
    })
    .sort((one, other) => Buffer.compare(one.key, other.key));
  const elements = Buffer.alloc(16 * entries.length);
  let at = elements.length;
  entries.forEach(({ key, flags, value }, index) => {
    const fields = [flags, at - 16 * index, key.length, value.length];
    fields.forEach((field, place) => elements.writeUInt32LE(field, 16 * index + 4 * place));
    at += key.length + value.length;
  });
  return Buffer.concat([header(id, LEAF, entries.length), elements, ...entries.flatMap(({ key, value }) => [key, value])]);
}

/** Its header says page 0, and the page follows. */
function inlineBucket(bucket: Bucket): Buffer {
  return Buffer.concat([Buffer.alloc(16), leafPage(0, bucket)]);
}

function metaPage(id: number, end: number): Buffer {
  const meta = Buffer.alloc(64);
  [0xed0cdaed, 2, PAGE_SIZE, 0].forEach((field, place) => meta.writeUInt32LE(field, 4 * place));
  // Root page, sequence, page of the free list, first page that is not used, transaction.
  [3, 0, 2, end, id].forEach((field, place) => meta.writeBigUInt64LE(BigInt(field), 16 + 8 * place));
  meta.writeBigUInt64LE(fnv1a(meta.subarray(0, 56)), 56);
  return Buffer.concat([header(id, META, 0), meta]);
}

/** FNV-1a, 64 bits. */
function fnv1a(bytes: Uint8Array): bigint {
  return bytes.reduce((hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n);
}
