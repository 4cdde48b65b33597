import { describe, it } from "mocha";
import { parseDuration } from "../../provider/text/duration.js";
import { expect } from "../support/expectations.js";

describe("durations", () => {
  const table: readonly (readonly [string, number | undefined])[] = [
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["0m", 0],
    ["999999999h", 999_999_999 * 3_600_000],
    ["", undefined],
    ["30", undefined],
    ["1h 30m", undefined],
    ["1.5h", undefined],
    ["1d", undefined],
    ["9999999999h", undefined],
  ];
  for (const [text, milliseconds] of table)
    it(`"${text}" in hours, minutes and seconds`, () => expect(parseDuration(text, ["s", "m", "h"])).to.equal(milliseconds));

  it("take only the units that are allowed", () => expect(parseDuration("2d", ["h", "d"])).to.equal(172_800_000));
});
