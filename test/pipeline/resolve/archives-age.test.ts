import { it } from "mocha";
import type { UsedArchive } from "../../../provider/packages/used-archive.js";
import { refuseOlder } from "../../../provider/pipeline/resolve/archives-age.js";
import { expect } from "../../support/expectations.js";

const now = Date.UTC(2026, 5, 1);
const archive = (date?: string, more: Partial<UsedArchive> = {}): UsedArchive => ({
  family: "debian",
  url: "https://a.example/debian",
  suite: "bookworm",
  components: ["main"],
  origin: "base",
  digest: `sha256:${"0".repeat(64)}`,
  ...(date === undefined ? {} : { date }),
  ...more,
});

it("an archive that is not older than the one in state, or is another one, is accepted", () => {
  for (const [before, found] of [
    [[], [archive("2026-01-01")]],
    [[archive()], [archive("2026-01-01")]],
    [[archive("2026-01-01")], []],
    [[archive("2026-01-01")], [archive("2026-01-01")]],
    [[archive("2026-01-01")], [archive("2026-01-02")]],
    [[archive("2026-01-02")], [archive("2026-01-01", { suite: "bookworm-updates" })]],
    [[archive("2026-01-02")], [archive("2026-01-01", { url: "https://b.example/debian" })]],
    // A date in the future must not lock out all later archives.
    [[archive("2036-01-01")], [archive("2026-01-01")]],
    [[archive("nonsense")], [archive("2026-01-01")]],
  ] as const)
    refuseOlder(before, found, now);
});

it("an older archive is rejected, and one without a date that had one", () => {
  const before = [archive("2026-01-01", { suite: "x" }), archive("2026-01-02T00:00:00.000Z")];
  for (const [date, what] of [
    ["2026-01-01T00:00:00.000Z", "is dated 2026-01-01T00:00:00.000Z"],
    [undefined, "has no date"],
  ] as const)
    expect(() => refuseOlder(before, [archive(date)], now)).to.throwError({
      code: "invalid",
      origin: "packages",
      message: `https://a.example/debian bookworm went back in time: it ${what}, but the image was made with one dated 2026-01-02T00:00:00.000Z`,
      hint: /change packageSources/,
    });
  const index = archive("2026-01-02", { family: "alpine", suite: "", url: "https://a.example/v3.19/main/x86_64" });
  expect(() => refuseOlder([index], [{ ...index, date: "2026-01-01" }], now)).to.throwError({ message: /^https:\S+x86_64 went back/ });
});
