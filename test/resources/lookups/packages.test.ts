import { strict as assert } from "node:assert";
import { after, before, describe, it } from "node:test";
import type { ListedPackage } from "../../../provider/packages/family.js";
import { lookUpPackages, search } from "../../../provider/resources/lookups/packages.js";
import type { ValueMap } from "../../../provider/values.js";
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
    assert.deepEqual(
      found.map(({ name, version, installed: has }) => [name, version, has]),
      [
        ["base-files", "12.4", true],
        ["old", "0.9-1", true],
        ["tool", "1.0-1", false],
      ],
    );
    const tool = found.find(({ name }) => name === "tool");
    assert.equal(tool?.description, "makes things");
    assert.equal(tool.size, packages.files.get("pool/main/tool_1.0-1_amd64.deb")?.length);
  });

  it("are those of the requested platform", async () => {
    const found = await look({ ...base, platform: "linux/arm64" });
    assert.ok(found.some(({ name }) => name === "only-arm"));
    await assert.rejects(look({ ...base, platform: "linux/s390x" }), { code: "not-found", property: "platform" });
  });

  it("are searched by name and description", async () => {
    assert.deepEqual((await look({ ...base, search: "Things" })).map(({ name }) => name), ["tool"]); // prettier-ignore
    assert.deepEqual(await look({ ...base, search: "nothing-like-it" }), []);
  });

  it("require an existing image of a distribution", async () => {
    await assert.rejects(look({ repository: "oci:base", version: "3.14" }), /has no tag 3\.14/);
    await assert.rejects(look({ repository: "oci:bare", version: "1" }), /no os-release/);
    await assert.rejects(look({ version: "1" }), /repository: is missing/);
    await assert.rejects(look({ ...base, serach: "x" }), /serach/);
  });
});

describe("a search", () => {
  it("puts the best match of the name first", () => {
    const all = [listed("a-git"), listed("b", "uses git"), listed("git"), listed("git-doc"), listed("hg")];
    assert.deepEqual(search(all, " GIT ").map(({ name }) => name), ["git", "git-doc", "a-git", "b"]); // prettier-ignore
  });

  it("matches every word", () => {
    const all = [listed("python3-ssl", "for python"), listed("python3"), listed("ssl")];
    assert.deepEqual(search(all, "ssl python").map(({ name }) => name), ["python3-ssl"]); // prettier-ignore
  });
});
