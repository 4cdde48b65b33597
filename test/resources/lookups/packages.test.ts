import { after, before, describe, it } from "mocha";
import type { ListedPackage } from "../../../provider/packages/family.js";
import { lookUpPackages, search } from "../../../provider/resources/lookups/packages.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { keepRow } from "../../support/session/session.js";
import { debianBase, forBoth, installed, PackagesShop } from "../../pipeline/packages/packages-shop.js";
import { baseParts } from "../../pipeline/workshop.js";

const listed = (name: string, description = ""): ListedPackage => ({ name, version: "1", description, size: 1, installed: false });

describe("the packages of an image", () => {
  let packages: PackagesShop;
  before(async () => {
    packages = await PackagesShop.open();
    await packages.shop.put("oci:base", "3.13", debianBase([installed("base-files", "12.4"), installed("old", "0.9-1")]));
    await packages.shop.put("oci:bare", "1", baseParts("1"));
    await packages.stock([
      ...forBoth("tool", "1.0-1", { fields: { Description: "makes things\n at length", Provides: "maker" } }),
      ...forBoth("old", "1.0-1"),
      { name: "only-arm", version: "2", architecture: "arm64", packing: "" },
    ]);
  });
  after(() => packages.close());

  const look = (args: ValueMap): Promise<readonly ListedPackage[]> => {
    const sources = { "debian:bookworm": [{ url: packages.archive.url, keys: [packages.key.armored] }] };
    return lookUpPackages(packages.shop.session({ packageSources: sources }), args, keepRow());
  };
  const base = { repository: "oci:base", version: "3.13" };

  it("are those of archive and base, each once, without virtual ones", async () => {
    const found = await look(base);
    expect(found.map(({ name, version, installed: has }) => [name, version, has])).to.deep.equal([
      ["base-files", "12.4", true],
      ["old", "0.9-1", true],
      ["tool", "1.0-1", false],
    ]);
    const tool = found.find(({ name }) => name === "tool");
    expect(tool?.description).to.equal("makes things");
    expectThat(tool !== undefined);
    expect(tool.size).to.equal(packages.files.get("pool/main/tool_1.0-1_amd64.deb")?.length);
  });

  it("are those of the requested platform", async () => {
    const found = await look({ ...base, platform: "linux/arm64" });
    expect(found.some(({ name }) => name === "only-arm")).to.equal(true);
    await expect(look({ ...base, platform: "linux/s390x" })).to.be.rejectedWithError({ code: "not-found", property: "platform" });
  });

  it("are searched by name and description", async () => {
    expect((await look({ ...base, search: "Things" })).map(({ name }) => name)).to.deep.equal(["tool"]); // prettier-ignore
    expect(await look({ ...base, search: "nothing-like-it" })).to.deep.equal([]);
  });

  it("require an existing image of a distribution", async () => {
    await expect(look({ repository: "oci:base", version: "3.14" })).to.be.rejectedWithError(/has no tag 3\.14/);
    await expect(look({ repository: "oci:bare", version: "1" })).to.be.rejectedWithError(/no os-release/);
    await expect(look({ version: "1" })).to.be.rejectedWithError(/repository: is missing/);
    await expect(look({ ...base, serach: "x" })).to.be.rejectedWithError(/serach/);
  });
});

describe("a search", () => {
  it("puts the best match of the name first", () => {
    const all = [listed("a-git"), listed("b", "uses git"), listed("git"), listed("git-doc"), listed("hg")];
    expect(search(all, " GIT ").map(({ name }) => name)).to.deep.equal(["git", "git-doc", "a-git", "b"]); // prettier-ignore
  });

  it("matches every word", () => {
    const all = [listed("python3-ssl", "for python"), listed("python3"), listed("ssl")];
    expect(search(all, "ssl python").map(({ name }) => name)).to.deep.equal(["python3-ssl"]); // prettier-ignore
  });
});
