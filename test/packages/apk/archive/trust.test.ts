import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { openCache } from "../../../../provider/cache/open.js";
import { Alpine } from "../../../../provider/packages/apk/alpine.js";
import type { FamilyResolution } from "../../../../provider/packages/family.js";
import type { DeclaredSource } from "../../../../provider/packages/declared-source.js";
import { buildApk, buildApkIndex, makeApkKey } from "../../../support/archives/apk.js";
import { fetcher, folder } from "../../fetch/fetching.js";
import { served } from "./served.js";

const release = { family: "alpine", release: "3.19" } as const;

function resolve(family: Alpine, sources: readonly DeclaredSource[]): Promise<FamilyResolution> {
  const requests = [{ name: "tool", property: "packages[0]" }];
  return family.resolve({ distribution: release, base: undefined, architecture: "amd64", requests, assumeInstalled: [], sources });
}

describe("an index that one source takes unsigned", () => {
  it("is not used for another source of the same URL that requires a signature", async () => {
    const key = makeApkKey();
    const [good, evil] = ["1.0-r0", "9.9-r0"].map((version) => buildApk({ name: "tool", version }));
    // The signature must not be all that is read of the index.
    const filler = `${buildApk({ name: "filler" }).stanza}T:${randomBytes(12_000).toString("hex")}\n`;
    const genuine = buildApkIndex([good?.stanza ?? "", filler], { key });
    const unsigned = buildApkIndex([good?.stanza ?? "", filler]);
    const forged = Buffer.concat([genuine.subarray(0, genuine.length - unsigned.length), buildApkIndex([evil?.stanza ?? "", filler])]);
    const place = await served(new Map([["x86_64/APKINDEX.tar.gz", forged]]));
    const family = new Alpine({ cache: openCache({ directory: folder() }), fetcher: fetcher(), configured: {} });
    const loose = await resolve(family, [{ url: place.url, allowUnsigned: true }]);
    assert.deepEqual(loose.added.map(({ version }) => version), ["9.9-r0"]); // prettier-ignore
    assert.equal(loose.notices[0]?.kind, "unsigned");
    place.files = new Map([["x86_64/APKINDEX.tar.gz", genuine]]);
    const strict = await resolve(family, [{ url: place.url, keys: [key.publicKey] }]);
    assert.deepEqual(strict.added.map(({ version }) => version), ["1.0-r0"]); // prettier-ignore
    const [was] = loose.archives;
    assert.ok(was);
    assert.equal(await family.isUnchanged(was), false);
  });

  it("of stack configuration has no query, which may be a key", async () => {
    const configured = { "alpine:3.19": [{ url: "http://127.0.0.1:1/?token=s3cret" }] };
    const family = new Alpine({ cache: openCache({ directory: folder() }), fetcher: fetcher(), configured });
    await assert.rejects(resolve(family, []), (thrown: Error & { property?: string }) => {
      assert.equal(thrown.property, 'dhi:packageSources["alpine:3.19"][0].url');
      assert.doesNotMatch(thrown.message, /s3cret/);
      return true;
    });
  });
});
