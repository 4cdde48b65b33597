import { it } from "mocha";
import { formatSize } from "../../provider/text/format-size.js";
import { expect } from "../support/expectations.js";

it("sizes are formatted in decimal units, kB below a million bytes", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0.0 kB"],
    [250, "0.3 kB"],
    [999_900, "999.9 kB"],
    [1_000_000, "1.0 MB"],
    [61_540_000, "61.5 MB"],
  ];
  for (const [bytes, text] of cases) expect(formatSize(bytes)).to.equal(text);
});
