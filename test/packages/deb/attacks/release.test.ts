import { describe, it } from "mocha";
import type { ArchiveFiles } from "../../../support/archives/archive.js";
import { serveArchive } from "../../../support/archives/serve.js";
import { expect } from "../../../support/expectations.js";
import { ours, readAttacks, refused, signed, stranger, suite, tampered, type AttackRow } from "./attack.js";
import { attempt, folder, kept } from "../resolve/attempt.js";

const text = (change: (text: string) => string): ((bytes: Buffer) => Buffer) => {
  return (bytes) => Buffer.from(change(bytes.toString("utf8")));
};
const old = { date: new Date("2026-01-01T00:00:00Z"), validUntil: new Date("2026-01-08T00:00:00Z") };

const release: readonly AttackRow[] = [
  ["unsigned", () => signed({ keys: [] }), "invalid", /is not signed/],
  [
    "an InRelease without a signature",
    () =>
      tampered(
        `${suite}/InRelease`,
        text(() => "Suite: bookworm\n"),
      ),
    "invalid",
    /is not signed/,
  ],
  [
    "signed by another key",
    async () => signed({ keys: [await stranger] }),
    "invalid",
    /is signed by [0-9A-F]{16}, which is none of the trusted keys/,
  ],
  ["another key, apart", async () => signed({ keys: [await stranger], signature: "detached" }), "invalid", /none of the trusted keys/],
  [
    "changed after signing",
    () =>
      tampered(
        `${suite}/InRelease`,
        text((t) => t.replace("Tests", "Evil!")),
      ),
    "mismatch",
    /bad signature/,
  ],
  [
    "text before what is signed",
    () =>
      tampered(
        `${suite}/InRelease`,
        text((t) => `Suite: x\n${t}`),
      ),
    "invalid",
    /text outside of the signed part/,
  ],
  [
    "text after what is signed",
    () =>
      tampered(
        `${suite}/InRelease`,
        text((t) => `${t}Suite: x\n`),
      ),
    "invalid",
    /text outside of the signed part/,
  ],
  ["17 MiB long", () => tampered(`${suite}/InRelease`, () => Buffer.alloc(17 * 1024 ** 2, "x")), "limit", /the limit is 16777216/],
  [
    "truncated",
    () =>
      tampered(
        `${suite}/InRelease`,
        text((t) => t.slice(0, -40)),
      ),
    "invalid",
    /its signature is truncated/,
  ],
];

/** By the right key, and refused for what is said. */
const said: readonly AttackRow[] = [
  ["expired", () => signed(old), "invalid", /expired at 2026-01-08T00:00:00.000Z/],
  [
    "of another suite",
    () => signed({ fields: {}, editRelease: (t) => t.replaceAll("bookworm", "trixie") }),
    "invalid",
    /release of trixie where bookworm/,
  ],
  [
    "a path out of the suite",
    () => signed({ editRelease: (t) => t.replace("main/binary-amd64/", "../../x/") }),
    "invalid",
    /not a path below the suite/,
  ],
  [
    "two digests for a file",
    () => signed({ editRelease: (t) => `${t} ${"0".repeat(64)} 1 main/binary-amd64/Packages\n` }),
    "invalid",
    /two digests/,
  ],
];

describe("a release file is rejected, and nothing is written:", () => {
  for (const attack of readAttacks(release))
    it(attack.what, async () => {
      const directory = folder();
      await refused(attack, { directory });
      expect(kept(directory)).to.deep.equal({});
    });

  for (const attack of readAttacks(said))
    it(attack.what, async () => {
      const directory = folder();
      await refused(attack, { directory });
      // That its signature is good, and nothing else.
      expect(kept(directory)).to.deep.equal({ "verified-releases": 1 });
    });
});

describe("an archive that goes back in time", () => {
  const at = (day: number, keys = [ours]): Promise<ArchiveFiles> =>
    Promise.all(keys).then((all) => signed({ date: new Date(Date.UTC(2026, 0, day)), keys: all }));
  const add = async (files: Promise<ArchiveFiles>, directory: string, archive: string, key = ours): Promise<void> => {
    await attempt(await files, { keys: [(await key).armored], directory, archive });
  };

  it("is rejected by the cache alone, in a later operation without state", async () => {
    const [directory, archive] = [folder(), folder()];
    await add(at(2), directory, archive);
    await add(at(2), directory, archive);
    const files = await at(1);
    const attack = { what: "", files: () => Promise.resolve(files), code: "invalid", options: {} } as const;
    const message = /went back in time: it is dated 2026-01-01T00:00:00\.000Z, but was dated 2026-01-02T00:00:00\.000Z before/;
    await refused({ ...attack, message }, { directory, archive });
    await add(at(3), directory, archive);
    await expect(add(at(2), directory, archive)).to.be.rejectedWithError({ message: /was dated 2026-01-03/ });
  });

  it("is rejected if it has lost its date, too", async () => {
    const [directory, archive] = [folder(), folder()];
    await add(at(2), directory, archive);
    const undated = signed({ editRelease: (t) => t.replace(/Date: .*\n/, "") });
    await expect(add(undated, directory, archive)).to.be.rejectedWithError({
      code: "invalid",
      message: /it has no date, but was dated 2026-01-02/,
    });
  });

  it("is a different one at another URL, in another cache, or under other keys: a stranger cannot lock the owner out", async () => {
    const [directory, archive] = [folder(), folder()];
    await add(at(9, [stranger]), directory, archive, stranger);
    await add(at(2), directory, archive);
    await add(at(1), directory, folder());
    await add(at(1), folder(), archive);
  });
});

describe("trust", () => {
  it("never comes from the archive itself", async () => {
    const key = await stranger;
    const files = await signed({ keys: [key], fields: { "Signed-By": key.fingerprint, "Key-Url": "key.asc" } });
    for (const path of ["key.asc", "dists/bookworm/key.gpg", "dists/bookworm/Release.key"]) files.set(path, Buffer.from(key.armored));
    const served = await serveArchive(files);
    try {
      const attack = {
        what: "",
        files: () => Promise.resolve(files),
        code: "invalid",
        message: /none of the trusted keys/,
      } as const;
      await refused({ ...attack, options: {} }, { source: { url: served.url } });
      // Its own packages bring no keys either: nothing but the release file was asked for.
      expect(served.requests).to.deep.equal(["dists/bookworm/InRelease"]);
    } finally {
      await served.stop();
    }
  });

  it("needs one good signature of several, whatever the others are", async () => {
    const keys = await Promise.all([stranger, ours]);
    const { packages } = await attempt(await signed({ keys }), { keys: [keys[1].armored] });
    expect(packages.length).to.equal(1);
  });
});
