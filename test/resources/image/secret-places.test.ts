import { describe, it } from "mocha";
import { explainChange } from "../../../provider/pipeline/resolve/reasons.js";
import { customizationKind } from "../../../provider/resources/customization/customization.js";
import { imageSecrecy, secretPlaces } from "../../../provider/resources/image/secret-places.js";
import type { SecretPath } from "../../../provider/resources/lifecycle.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";

const config: ValueMap = {
  entrypoint: { base: ["a"], image: ["a", "b"] },
  cmd: { image: ["c"] },
  user: { image: "1001" },
  workingDirectory: { base: "/", image: "/srv" },
  stopSignal: { base: "SIGINT", image: "SIGTERM" },
  exposedPorts: { image: ["8080/tcp"] },
  volumes: { base: ["/data"], image: ["/data", "/srv"] },
  environment: { PATH: { base: "/bin", image: "/art/bin:/bin" }, TOKEN: { image: "x" } },
  labels: { a: { image: "b" } },
};

describe("places of config that repeat a secret", () => {
  const table: readonly (readonly [SecretPath, readonly SecretPath[]])[] = [
    [["entrypoint", 1], [["entrypoint", "image"]]],
    [["entrypoint"], [["entrypoint", "image"]]],
    [["cmd", "args", 0], [["cmd", "image"]]],
    [["runAs"], [["user", "image"]]],
    [["users", 0, "uid"], [["user", "image"]]],
    [["users"], [["user", "image"]]],
    [["workingDirectory"], [["workingDirectory", "image"]]],
    [["stopSignal"], [["stopSignal", "image"]]],
    [["exposedPorts", 0], [["exposedPorts", "image"]]],
    [["volumes"], [["volumes", "image"]]],
    [["environment", "PATH"], [["environment", "PATH", "image"]]],
    [["environment"], [["environment"]]],
    [["labels"], [["labels"]]],
    [["labels", "a"], [["labels", "a", "image"]]],
    [["annotations", "a"], []],
    [["scripts", 0, "content"], []],
  ];
  for (const [secret, places] of table) {
    it(`are found for ${JSON.stringify(secret)}, for all platforms and for each`, () => {
      expect(secretPlaces({ config }, [secret])).to.deep.equal(places.map((place) => ["config", ...place]));
      const both = secretPlaces({ config: { "linux/amd64": config, "linux/arm64": config } }, [secret]);
      expect(both).to.deep.equal(
        ["linux/amd64", "linux/arm64"].flatMap((platform) => places.map((place) => ["config", platform, ...place])),
      );
    });
  }

  it("are empty when config lacks the field, or is missing", () => {
    expect(secretPlaces({ config: {} }, [["environment"], ["cmd", 0]])).to.deep.equal([]);
    expect(secretPlaces({}, [["environment"]])).to.deep.equal([]);
  });
});

describe("inputs that may be secret", () => {
  it("include those with paths, and maps with names of the user", () => {
    const { paths, dictionaries } = imageSecrecy(customizationKind);
    expect([...paths].sort()).to.deep.equal(["artifacts", "directories", "files", "scripts", "users", "volumes", "workingDirectory"]);
    expect([...dictionaries].sort()).to.deep.equal(["annotations", "environment", "labels"]);
  });

  it("are all inputs except names and those that are not written into an image", () => {
    const names = ["repository", "version", "suffix", "destination", "additionalTags", "keepPrevious", "rollbackTo", "immutableTags"];
    const others = [
      "packages",
      "packageSources",
      "assumeInstalled",
      "upgradeInstalled",
      "suffixAllTags",
      "platforms",
      "compression",
      "minimumAge",
      "overwrite",
      "sign",
      "verify",
      "vex",
      "policy",
    ];
    const { anywhere } = imageSecrecy(customizationKind);
    const whole = anywhere.filter(({ length }) => length === 1).map(([name]) => name);
    expect([...names, ...others, "artifacts", ...whole].sort()).to.deep.equal([...customizationKind.inputs].sort());
    expect(anywhere.filter(([name]) => name === "artifacts")).to.deep.equal([
      ["artifacts", "*", "includes"],
      ["artifacts", "*", "excludes"],
    ]);
  });
});

describe("reasons", () => {
  const resolution = { layoutVersion: 1, artifacts: {}, files: {}, packages: {} };

  it("show no paths below an input that is secret as a whole", () => {
    const old = { inputs: { environment: { OLDKEY: "1" }, labels: { a: "1" } }, resolution };
    const now = { environment: { NEWKEY: "2" }, labels: { a: "2" } };
    expect(explainChange(old, now, resolution, new Set(["environment"]))).to.deep.equal(["environment changed", "labels.a changed"]);
  });
});
