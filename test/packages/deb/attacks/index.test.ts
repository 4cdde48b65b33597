import { describe, it } from "mocha";
import { sha256, type ArchiveFiles } from "../../../support/archives/archive.js";
import { zeros } from "../../../support/archives/bombs.js";
import { expect } from "../../../support/expectations.js";
import { flip, readAttacks, refused, signed, suite, tampered, type AttackRow } from "./attack.js";
import { folder, kept } from "../resolve/attempt.js";

const GIB = 1024 ** 3;
const packagesGz = `${suite}/main/binary-amd64/Packages.gz`;

const index: readonly AttackRow[] = [
  ["wrong hash", () => tampered(packagesGz, flip), "mismatch", /its digest is sha256:[0-9a-f]{64}, not /],
  [
    "truncated",
    () => tampered(packagesGz, (bytes) => bytes.subarray(0, -9)),
    "mismatch",
    /does not match what its archive states: it ended after/,
  ],
  ["longer than stated", () => tampered(packagesGz, (bytes) => Buffer.concat([bytes, bytes])), "mismatch", /more than the \d+ bytes/],
  [
    "an unknown compression",
    () =>
      signed({
        editRelease: (t) =>
          t.replace(/ .* main\/binary-amd64\/Packages(?:\.xz)?\n/g, "").replace("amd64/Packages.gz", "amd64/Packages.bz2"),
      }),
    "invalid",
    /is listed only as \.bz2: \.gz, \.xz, \.zst and uncompressed are supported/,
  ],
  [
    "a missing component",
    () => signed(),
    "not-found",
    /has no component "extra" for amd64: it has main/,
    { source: { components: ["extra"] } },
  ],
  [
    "another architecture",
    () => signed({ architectures: ["amd64"] }),
    "not-found",
    /no archive has packages for arm64: only for amd64/,
    { architecture: "arm64" },
  ],
  [
    "2 GiB by its release file",
    () => signed({ indexes: [".gz"], editRelease: (t) => t.replace(/ (\d+) (main\/binary-amd64\/Packages\n)/, ` ${2 * GIB} $2`) }),
    "limit",
    /has 2147483648 bytes according to its release file/,
  ],
  [
    "2 GiB packed, by its release file",
    () => signed({ editRelease: (t) => t.replace(/ (\d+) (main\/binary-amd64\/Packages.gz\n)/, ` ${2 * GIB} $2`) }),
    "limit",
    /has 2147483648 bytes according to its release file/,
  ],
  ["a bomb of 2 GiB, more than stated", () => bombed(true), "mismatch", /unpacks to more than \d+ bytes/],
  ["a bomb of 2 GiB, without a stated size", () => bombed(false), "limit", /unpacks to more than 67108864 bytes/],
  [
    "a name with control characters",
    () => signed({ editIndex: (t) => t.replace("Package: tool", "Package: to\x1b[31mol") }),
    "invalid",
    /the stanza at byte 0 has no valid package name/,
  ],
];

/** An index that is a bomb: signed for with its own digest and size, and with the plain file's or without. */
async function bombed(plain: boolean): Promise<ArchiveFiles> {
  const bomb = zeros(Buffer.from("Package: tool\nVersion: 1\n"), 2 * GIB, ".zst");
  const files = await signed({
    indexes: [".zst"],
    editRelease: (t) => {
      const stated = t.replace(/ .*(main\/binary-amd64\/Packages\.zst\n)/, ` ${sha256(bomb)} ${bomb.length} $1`);
      return plain ? stated : stated.replace(/ .* main\/binary-amd64\/Packages\n/, "");
    },
  });
  files.set(`${suite}/main/binary-amd64/by-hash/SHA256/${sha256(bomb)}`, bomb);
  return files;
}

describe("a package index is rejected, and nothing of it is written:", () => {
  for (const attack of readAttacks(index))
    it(attack.what, async () => {
      const directory = folder();
      await refused(attack, { directory });
      expect(kept(directory)).to.deep.equal({ "release-dates": 1, "verified-releases": 1 });
    });
});
