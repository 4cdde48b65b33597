import { it } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { MAX_RELEASE, parseRelease } from "../../../../provider/packages/deb/archive/release.js";
import { expect } from "../../../support/expectations.js";

const hex = "0123456789abcdef".repeat(4);
const head = `Origin: Debian
Label: Debian
Suite: oldstable-security
Codename: bookworm-security
Date: Sat, 11 Jul 2026 10:16:37 UTC
Valid-Until: Sat, 18 Jul 2026 10:16:37 UTC
Acquire-By-Hash: yes
Architectures: all amd64 arm64
Components: updates/main updates/contrib
`;
const table = `MD5Sum:
 d41d8cd98f00b204e9800998ecf8427e 0 main/x
SHA256:
 ${hex}     1234 main/binary-amd64/Packages.xz
 ${hex} 0 main/binary-arm64/Packages
`;
const read = (text: string): ReturnType<typeof parseRelease> => parseRelease(Buffer.from(text, "latin1"), "InRelease");

it("a Release file is read", () => {
  const release = read(head + table);
  expect(release.suite).to.equal("oldstable-security");
  expect(release.codename).to.equal("bookworm-security");
  expect(release.date?.toISOString()).to.equal("2026-07-11T10:16:37.000Z");
  expect(release.validUntil?.toISOString()).to.equal("2026-07-18T10:16:37.000Z");
  expect(release.architectures).to.deep.equal(["all", "amd64", "arm64"]);
  expect(release.components).to.deep.equal(["updates/main", "updates/contrib"]);
  expect(release.acquireByHash).to.equal(true);
  expect(release.notAutomatic).to.equal(false);
  expect([...release.files]).to.deep.equal([
    ["main/binary-amd64/Packages.xz", { digest: `sha256:${hex}`, size: 1234 }],
    ["main/binary-arm64/Packages", { digest: `sha256:${hex}`, size: 0 }],
  ]);
});

it("optional fields may be absent", () => {
  const release = read(`Suite: s\nNotAutomatic: yes\nButAutomaticUpgrades: yes\nDate: Sat, 11 Jul 2026 12:16:37 +0200\nSHA256:\n`);
  expect(release.validUntil).to.equal(undefined);
  expect(release.acquireByHash).to.equal(false);
  expect(release.notAutomatic && release.automaticUpgrades).to.equal(true);
  expect(release.date?.toISOString()).to.equal("2026-07-11T10:16:37.000Z");
  expect(release.files.size).to.equal(0);
});

const line = (path: string, size = "1", digits = hex): string => `${head}SHA256:\n ${digits} ${size} ${path}\n`;
const bad = [
  [head, /no SHA256 table/],
  [line("../x"), /"\.\.\/x" is not a path/],
  [line("/etc/x"), /is not a path/],
  [line("a//b"), /is not a path/],
  [line("a/./b"), /is not a path/],
  [line("a?b"), /is not a path/],
  [line("a", "-1"), /not a valid line of the SHA256 table/],
  [line("a", "1e3"), /not a valid line of the SHA256 table/],
  [line("a", "9".repeat(20)), /not a valid line of the SHA256 table/],
  [line("a", "1", hex.slice(1)), /not a valid line of the SHA256 table/],
  [line("a b"), /not a valid line of the SHA256 table/],
  [`${line("a")} ${hex} 2 a\n`, /two digests for a/],
  [`Date: tomorrow\n${table}`, /Date is "tomorrow"/],
  [`Suite: s\nValid-Until: Sat, 11 Jul 2026 10:16:37\n${table}`, /Valid-Until .* not a valid date/],
  ["", /no fields/],
  [`${head}\n${table}`, /2 paragraphs/],
] as const;

it("a damaged Release file is rejected", () => {
  for (const [text, message] of bad)
    expect(() => read(text), text.slice(-90)).to.throwError(
      (thrown) => thrown instanceof DhiError && thrown.code === "invalid" && message.test(thrown.message),
    );
  expect(() => parseRelease(Buffer.alloc(MAX_RELEASE + 1, "a"), "InRelease")).to.throwError(
    (thrown) => thrown instanceof DhiError && thrown.code === "limit",
  );
});
