import { after, before, describe, it } from "mocha";
import { isMap, type ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { debianBase, debianRelease, forBoth, installed, PackagesShop } from "./packages-shop.js";
import { checkWith } from "../workshop.js";

describe("requested packages", () => {
  let packages: PackagesShop;
  before(async () => {
    packages = await PackagesShop.open();
    await packages.stock([
      ...forBoth("curl", "7.88.1-10"),
      ...forBoth("curl", "7.90.0-1"),
      ...forBoth("app", "1", { fields: { Depends: "curl, extra | spare" } }),
      ...forBoth("extra"),
      ...forBoth("spare"),
      ...forBoth("rival", "1", { fields: { Conflicts: "resident" } }),
      ...forBoth("greedy", "1", { fields: { Depends: "resident (>= 9)" } }),
      { name: "only64", architecture: "amd64", files: [], packing: "" },
      ...forBoth("needs64", "1", { fields: { Depends: "only64" } }),
    ]);
    await packages.shop.put("oci:base", "3.13", debianBase([installed("base-files", "12.4"), installed("resident", "7")]));
  });
  after(() => packages.close());

  const ask = (list: ValueMap[string], more: ValueMap = {}): ValueMap => ({
    repository: "oci:base",
    version: "3.13",
    suffix: "p",
    platforms: ["linux/amd64"],
    packages: list,
    packageSources: [packages.source()],
    ...more,
  });

  const found: readonly (readonly [string, ValueMap[string], ValueMap])[] = [
    ["the newest", ["curl"], { curl: "7.90.0-1" }],
    ["name=version", ["curl=7.88.1-10"], { curl: "7.88.1-10" }],
    ["name=version of a dependency", ["app", "curl=7.88.1-10"], { app: "1", curl: "7.88.1-10", extra: "1.0-1" }],
    ["!name", ["app", "!extra"], { app: "1", curl: "7.90.0-1", spare: "1.0-1" }],
    ["a name for each family", [{ debian: "curl", alpine: "no-such" }], { curl: "7.90.0-1" }],
    ["a name for another family alone", [{ alpine: "no-such" }], {}],
    ["what the base has", ["resident"], {}],
  ];
  for (const [what, list, versions] of found) {
    it(`${what}: ${JSON.stringify(list)}`, async () => {
      const { derived, failures } = await checkWith(packages.shop.session(), "customization", { news: ask(list) });
      expect(failures).to.deep.equal([]);
      const { resolution } = derived;
      expect(isMap(resolution) ? resolution["packages"] : undefined).to.deep.equal({ "linux/amd64": versions });
    });
  }

  const refused: readonly (readonly [string, ValueMap[string], RegExp])[] = [
    ["an unknown name", ["app", "crul"], /^packages\[1\]: no archive has a package crul\. Did you mean curl/],
    [
      "a version that is not there",
      ["curl=1"],
      /^packages\[0\]: curl is not available in version 1, only in 7\.90\.0-1, 7\.88\.1-10\. Write curl/,
    ],
    ["an unknown name of the family", [{ debian: "crul", alpine: "curl" }], /^packages\[0\]: no archive has a package crul/],
    // Issue 9, item 15: as dpkg -l and apt write it.
    ...["curl:amd64", "curl:any", "curl:native", "!curl:arm64", "curl:amd64=7.90.0-1"].map(
      (name) =>
        [
          `an architecture qualifier, ${name}`,
          ["app", name],
          /^packages\[1\]: curl:[a-z0-9]+ has the architecture qualifier :[a-z0-9]+, which is not supported.*\. Write curl/,
        ] as const,
    ),
    ["two versions", ["curl=7.90.0-1", "curl=7.88.1-10"], /curl is requested in two versions, 7\.90\.0-1 and 7\.88\.1-10/],
    ["one that is forbidden too", ["curl", "!curl"], /^packages\[0\]: curl is requested, but packages\[1\] forbids it/],
    ["one whose dependency is forbidden", ["app", "!curl"], /app 1 needs curl, but curl 7\.90\.0-1 is forbidden by packages\[1\]/],
    ["one that conflicts with the base", ["rival"], /^packages\[0\]: rival 1 cannot be installed with resident 7, which is in the base/],
    ["one that needs another version of the base", ["greedy"], /greedy 1 needs resident \(>= 9\), but the base has resident 7/],
  ];
  for (const [what, list, message] of refused) {
    it(`reject ${what}`, async () => {
      const [failure, ...others] = await packages.refusals(ask(list));
      expect(failure ?? "").to.match(message);
      expect(others).to.deep.equal([]);
      expect(await packages.shop.head("oci:base", "3.13_p")).to.equal(undefined);
    });
  }

  const lacking: readonly (readonly [string, string, RegExp])[] = [
    ["itself", "only64", /^packages\[0\]: for linux\/arm64: no archive has a package only64/],
    ["by what it needs", "needs64", /^packages\[0\]: for linux\/arm64: needs64 cannot be added: needs64 1 needs only64, but/],
    ["on no platform", "crul", /^packages\[0\]: no archive has a package crul/],
  ];
  for (const [what, name, message] of lacking) {
    it(`are reported with the platform that lacks one: ${what}`, async () => {
      const failures = await packages.refusals(ask([name], { platforms: ["linux/amd64", "linux/arm64"] }));
      expect(failures.length).to.equal(1);
      expect(failures[0] ?? "").to.match(message);
    });
  }

  it("count as installed by assumeInstalled", async () => {
    await expect(packages.shop.up("customization", ask(["app", "!curl"]))).to.be.rejectedWithError(/forbidden/);
    const { derived } = await checkWith(packages.shop.session(), "customization", { news: ask(["app"], { assumeInstalled: ["curl"] }) });
    const { resolution } = derived;
    expect(isMap(resolution) ? resolution["packages"] : undefined).to.deep.equal({ "linux/amd64": { app: "1", extra: "1.0-1" } });
  });
});

describe("bases that packages cannot be added to", () => {
  let packages: PackagesShop;
  before(async () => {
    packages = await PackagesShop.open();
    await packages.stock(forBoth("curl"));
  });
  after(() => packages.close());

  const alpine = 'ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n';
  const bases: readonly (readonly [string, ReturnType<typeof debianBase>, RegExp])[] = [
    ["no package database", debianBase("none"), /^packages: the base is "Debian GNU\/Linux 12" but has no package database/],
    ["an empty one", debianBase([]), /^packages: .*no package database/],
    ["no os-release", debianBase([installed("base-files")], [], ""), /to which packages cannot be added/],
    [
      "another distribution",
      debianBase([installed("x")], [], 'ID=fedora\nPRETTY_NAME="Fedora 40"\n'),
      /says "Fedora 40", a distribution to which packages/,
    ],
    ["an unknown release", debianBase([installed("x")], [], debianRelease.replace("bookworm", "slink")), /an unknown release of Debian/],
    [
      "no database of apk's",
      debianBase([], [], alpine),
      /^packages: the base is "Alpine Linux v3\.19" but has no package database \(\/lib\/apk\/db\/installed\)/,
    ],
  ];
  for (const [what, parts, message] of bases) {
    it(`have ${what}`, async () => {
      await packages.shop.put("oci:odd", "1", parts);
      const inputs = { repository: "oci:odd", version: "1", suffix: "p", packages: ["curl"], packageSources: [packages.source()] };
      const [failure] = await packages.refusals(inputs);
      expect(failure ?? "").to.match(message);
      expect(await packages.shop.head("oci:odd", "1_p")).to.equal(undefined);
    });
  }
});
