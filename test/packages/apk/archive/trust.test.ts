import { randomBytes } from "node:crypto";
import { describe, it } from "mocha";
import { openCache } from "../../../../provider/cache/open.js";
import { Alpine } from "../../../../provider/packages/apk/alpine.js";
import type { FamilyResolution } from "../../../../provider/packages/family.js";
import type { DeclaredSource } from "../../../../provider/packages/declared-source.js";
import { buildApk, buildApkIndex, makeApkKey } from "../../../support/archives/apk.js";
import { expect, expectThat } from "../../../support/expectations.js";
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
    expect(loose.added.map(({ version }) => version)).to.deep.equal(["9.9-r0"]); // prettier-ignore
    expect(loose.notices[0]?.kind).to.equal("unsigned");
    place.files = new Map([["x86_64/APKINDEX.tar.gz", genuine]]);
    const strict = await resolve(family, [{ url: place.url, keys: [key.publicKey] }]);
    expect(strict.added.map(({ version }) => version)).to.deep.equal(["1.0-r0"]); // prettier-ignore
    const [was] = loose.archives;
    expectThat(was);
    expect(await family.isUnchanged(was)).to.equal(false);
  });

  it("of stack configuration has no query, which may be a key", async () => {
    const configured = { "alpine:3.19": [{ url: "http://127.0.0.1:1/?token=s3cret" }] };
    const family = new Alpine({ cache: openCache({ directory: folder() }), fetcher: fetcher(), configured });
    await expect(resolve(family, [])).to.be.rejectedWithError((thrown: Error & { property?: string }) => {
      expect(thrown.property).to.equal('dhi:packageSources["alpine:3.19"][0].url');
      expect(thrown.message).to.not.match(/s3cret/);
      return true;
    });
  });
});
