import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "mocha";
import type { CacheKind } from "../../provider/cache/kinds.js";
import { openCache } from "../../provider/cache/open.js";
import { digestOf } from "../../provider/image/digest.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";

const content = Buffer.from('{"digest":"sha256:0","size":12}');

/** What a crash or a bad disk can make of a file. */
const damages: Readonly<Record<string, (file: Buffer) => Buffer>> = {
  "an empty file": () => Buffer.alloc(0),
  "half of it": (file) => file.subarray(0, file.length / 2),
  zeros: (file) => Buffer.alloc(file.length),
  "one bit": (file) => Buffer.concat([file.subarray(0, -1), Buffer.from([(file.at(-1) ?? 0) ^ 1])]),
  "trailing bytes": (file) => Buffer.concat([file, Buffer.from("x")]),
  "a file of a release without checksums": () => content,
};

async function stage(kind: CacheKind, key: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "dhi-damage-"));
  cleanup(() => rm(directory, { recursive: true, force: true }));
  await openCache({ directory }).write(kind, key, content);
  return directory;
}

for (const [damage, change] of Object.entries(damages)) {
  for (const kind of ["layers", "release-dates", "blobs"] as const) {
    if (kind === "blobs" && damage.includes("without checksums")) continue;
    it(`a file of ${kind} that is damaged (${damage}) is removed and counts as absent`, async () => {
      const key = kind === "blobs" ? digestOf(content) : "key";
      const directory = await stage(kind, key);
      const cache = openCache({ directory });
      expect(await cache.read(kind, key)).to.deep.equal(content);
      const path = (await cache.path(kind, key)) ?? "";
      await writeFile(path, change(await readFile(path)));
      expect(await cache.read(kind, key)).to.equal(undefined);
      await expect(readFile(path)).to.be.rejectedWithError({ code: "ENOENT" });
      await cache.write(kind, key, content);
      expect(await cache.read(kind, key)).to.deep.equal(content);
    });
  }
}
