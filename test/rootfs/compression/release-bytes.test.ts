import { it } from "mocha";
import { releaseBuffer, releaseBytes } from "../../../provider/rootfs/compression/release-bytes.js";
import { expect } from "../../support/expectations.js";

it("releasing frees memory, but not buffers that others may share", () => {
  const own = Buffer.allocUnsafeSlow(1 << 20);
  releaseBytes(own.subarray(0, 10));
  expect(own.buffer.byteLength, "a decoder may still write after it").to.equal(1 << 20);
  releaseBytes(own.subarray(10));
  expect(own.buffer.byteLength).to.equal(0);
  // Again, as happens for two chunks of one buffer.
  releaseBuffer(own.buffer);
  const pooled = Buffer.from("of the pool");
  const last = new Uint8Array(pooled.buffer, pooled.buffer.byteLength - 1);
  releaseBytes(last);
  releaseBuffer(pooled.buffer);
  expect(pooled.toString()).to.equal("of the pool");
  const slice = new Uint8Array(100).slice(0, 50);
  releaseBuffer(slice.buffer);
  expect(slice.length).to.equal(50);
  releaseBuffer(slice.buffer, false);
  expect(slice.length).to.equal(0);
});
