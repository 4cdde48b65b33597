import fc from "fast-check";
import { describe, it } from "mocha";
import { architectureOf, formatPlatform, isUnknownPlatform, parsePlatform, parsePlatformObject } from "../../provider/image/platform.js";
import { expect, expectThat } from "../support/expectations.js";

describe("platforms as text", () => {
  const accepted = [
    ["linux/amd64", { os: "linux", architecture: "amd64" }, "linux/amd64"],
    ["linux/arm64", { os: "linux", architecture: "arm64" }, "linux/arm64"],
    ["linux/arm64/v8", { os: "linux", architecture: "arm64", variant: "v8" }, "linux/arm64"],
    ["linux/arm64/v9", { os: "linux", architecture: "arm64", variant: "v9" }, "linux/arm64/v9"],
    ["linux/amd64/v1", { os: "linux", architecture: "amd64", variant: "v1" }, "linux/amd64"],
    ["linux/amd64/v3", { os: "linux", architecture: "amd64", variant: "v3" }, "linux/amd64/v3"],
    ["linux/arm/v7", { os: "linux", architecture: "arm", variant: "v7" }, "linux/arm"],
    ["linux/arm/v6", { os: "linux", architecture: "arm", variant: "v6" }, "linux/arm/v6"],
    ["linux/ppc64le", { os: "linux", architecture: "ppc64le" }, "linux/ppc64le"],
    ["linux/riscv64/rva20", { os: "linux", architecture: "riscv64", variant: "rva20" }, "linux/riscv64/rva20"],
    ["windows/amd64", { os: "windows", architecture: "amd64" }, "windows/amd64"],
  ] as const;
  for (const [text, platform, name] of accepted) {
    it(`accepts ${text}`, () => {
      const found = parsePlatform(text);
      expect(found).to.deep.equal(platform);
      expectThat(found);
      expect(formatPlatform(found)).to.equal(name);
    });
  }

  it("rejects other texts", () => {
    for (const text of [
      "",
      "linux",
      "linux/",
      "/amd64",
      "linux/amd64/",
      "linux/amd64/v1/x",
      "Linux/amd64",
      "linux /amd64",
      "linux/amd64\n",
      "a,b",
    ])
      expect(parsePlatform(text), text).to.equal(undefined);
  });

  it("formats a name that parses to the same name", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const variant = fc.option(fc.oneof(part, fc.constantFrom("v1", "v7", "v8")), { nil: undefined });
    const architecture = fc.oneof(part, fc.constantFrom("arm", "arm64", "amd64"));
    fc.assert(
      fc.property(part, architecture, variant, (os, arch, kind) => {
        const name = formatPlatform({ os, architecture: arch, ...(kind === undefined ? {} : { variant: kind }) });
        const again = parsePlatform(name);
        expectThat(again);
        expect(formatPlatform(again)).to.equal(name);
        expect([again.os, again.architecture]).to.deep.equal([os, arch]);
      }),
    );
  });
});

describe("platforms as objects", () => {
  it("are parsed from index and config alike, without empty or invalid fields", () => {
    const cases: readonly (readonly [unknown, unknown])[] = [
      [
        { os: "linux", architecture: "arm64", variant: "v8" },
        { os: "linux", architecture: "arm64", variant: "v8" },
      ],
      [
        { os: "linux", architecture: "amd64", variant: "" },
        { os: "linux", architecture: "amd64" },
      ],
      [
        { os: "windows", architecture: "amd64", "os.version": "10.0", "os.features": ["win32k"] },
        { os: "windows", architecture: "amd64", "os.version": "10.0", "os.features": ["win32k"] },
      ],
      [
        { os: "linux", architecture: "amd64", "os.version": "", "os.features": [1], rootfs: {} },
        { os: "linux", architecture: "amd64" },
      ],
      [{ os: "linux" }, undefined],
      [{ architecture: "amd64" }, undefined],
      [{ os: 1, architecture: "amd64" }, undefined],
      [undefined, undefined],
      [null, undefined],
      [["linux", "amd64"], undefined],
    ];
    for (const [value, expected] of cases) expect(parsePlatformObject(value)).to.deep.equal(expected);
  });

  it("returns the architecture of packages", () => {
    const cases = [
      ["linux/amd64", "amd64"],
      ["linux/amd64/v3", "amd64"],
      ["linux/arm64/v8", "arm64"],
      ["linux/arm", "arm"],
      ["linux/arm/v6", "arm/v6"],
      ["none", ""],
    ] as const;
    for (const [text, expected] of cases) expect(architectureOf(text)).to.equal(expected);
  });

  it("recognizes BuildKit's attestations", () => {
    expect(isUnknownPlatform({ os: "unknown", architecture: "unknown" })).to.equal(true);
    expect(isUnknownPlatform({ os: "unknown", architecture: "amd64" })).to.equal(false);
    expect(isUnknownPlatform({ os: "linux", architecture: "unknown" })).to.equal(false);
  });
});
