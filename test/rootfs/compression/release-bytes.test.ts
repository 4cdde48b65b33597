import { strict as assert } from "node:assert";
import { test } from "node:test";
import { releaseBuffer, releaseBytes } from "../../../provider/rootfs/compression/release-bytes.js";

test("releasing frees memory, but not buffers that others may share", () => {
  const own = Buffer.allocUnsafeSlow(1 << 20);
  releaseBytes(own.subarray(0, 10));
  assert.equal(own.buffer.byteLength, 1 << 20, "a decoder may still write after it");
  releaseBytes(own.subarray(10));
  assert.equal(own.buffer.byteLength, 0);
  // Again, as happens for two chunks of one buffer.
  releaseBuffer(own.buffer);
  const pooled = Buffer.from("of the pool");
  const last = new Uint8Array(pooled.buffer, pooled.buffer.byteLength - 1);
  releaseBytes(last);
  releaseBuffer(pooled.buffer);
  assert.equal(pooled.toString(), "of the pool");
  const slice = new Uint8Array(100).slice(0, 50);
  releaseBuffer(slice.buffer);
  assert.equal(slice.length, 50);
  releaseBuffer(slice.buffer, false);
  assert.equal(slice.length, 0);
});
