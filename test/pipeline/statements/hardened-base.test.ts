import { after, before, describe, it } from "mocha";
import type { ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { checkWith } from "../workshop.js";
import { debianBase, debianRelease, forBoth, installed, PackagesShop } from "../packages/packages-shop.js";
import { attest } from "./attesting.js";

const release = debianRelease.replace("ID=debian", "ID=dhi\nID_LIKE=debian");

describe("packages added to a base of hardened packages", () => {
  let packages: PackagesShop;
  let count = 0;
  const start = async (names: readonly string[], os = release): Promise<ValueMap> => {
    const repository = `oci:base-${String((count += 1))}`;
    await packages.shop.put(repository, "1", debianBase([installed("libx", "1.0-1+dhi1")], [], os));
    return { repository, version: "1", suffix: "p", packages: names, packageSources: [packages.source()], platforms: ["linux/amd64"] };
  };
  before(async () => {
    packages = await PackagesShop.open();
    const names = ["a", "b", "c", "d", "e", "f"].flatMap((name) => forBoth(`pkg-${name}`));
    await packages.stock([...names, ...forBoth("hard", "2.0-1+dhi3")]);
  });
  after(() => packages.close());

  const notices = async (inputs: ValueMap): Promise<readonly unknown[]> => {
    const { derived, failures } = await checkWith(packages.shop.session(), "customization", { news: inputs });
    expect(failures).to.deep.equal([]);
    const all = derived["notices"] as readonly { readonly kind: string; readonly message: string }[];
    return all.filter(({ kind }) => kind === "not-hardened").map(({ message }) => message.replace(/, and the base says.*/, ""));
  };

  for (const [names, expected] of [
    [["pkg-a", "hard"], ["pkg-a is not a hardened package"]],
    [["pkg-b", "pkg-a"], ["pkg-a, pkg-b are not hardened packages"]],
    [["pkg-f", "pkg-e", "pkg-d", "pkg-c", "pkg-b", "pkg-a"], ["pkg-a, pkg-b, pkg-c, pkg-d, pkg-e and 1 more are not hardened packages"]],
    [["hard"], []],
  ] as const) {
    it(`are a notice where they come from elsewhere: ${names.join(" ")}`, async () => {
      expect(await notices(await start(names))).to.deep.equal(expected);
    });
  }

  it("are no notice on another base", async () => {
    expect(await notices(await start(["pkg-a"], debianRelease))).to.deep.equal([]);
  });

  it("keep the name of their own distribution, and those of the base the vendor's", async () => {
    const made = await attest(packages.shop.session(), "customization", await start(["pkg-a", "hard"]));
    const found = made.inventories.get("linux/amd64")?.packages ?? [];
    expect(found.map(({ name, namespace, distro, origin }) => [name, namespace, distro, origin])).to.deep.equal([
      ["hard", "dhi", "dhi-12", "added"],
      ["libx", "dhi", "dhi-12", "base"],
      ["pkg-a", "debian", "debian-12", "added"],
    ]);
  });
});
