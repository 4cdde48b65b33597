import { after, before, beforeEach, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ValueMap } from "../../../provider/values.js";
import { debianBase, forBoth, installed, PackagesShop } from "../../pipeline/packages/packages-shop.js";
import { changed, checkWith, type State } from "../../pipeline/workshop.js";
import { served } from "../../packages/apk/archive/served.js";
import { buildApkRepository, makeApkKey } from "../../support/archives/apk.js";
import { buildArchive, type ArchiveFiles } from "../../support/archives/archive.js";
import { expect } from "../../support/expectations.js";

const day = 86_400_000;
// Dates of archives in the future are refused elsewhere: these are long past.
const start = Date.parse("2025-03-01T00:00:00Z");
const on = (days: number): Date => new Date(start + days * day);

function noticesOf({ notices }: ValueMap): readonly string[] {
  const all = (notices ?? []) as readonly { readonly kind: string; readonly message: string; readonly platform?: string }[];
  return all.map(({ kind, message, platform = "" }) => `${kind}: ${message}${platform}`).filter((text) => /^(?:ripening|young)/.test(text));
}

describe("minimumAge of packages", () => {
  let packages: PackagesShop;
  let count = 0;
  let inputs: ValueMap;
  let repository: string;
  before(async () => {
    packages = await PackagesShop.open();
  });
  after(() => packages.close());
  beforeEach(async () => {
    packages.shop.loseCache();
    repository = `oci:ripe-${String((count += 1))}`;
    await packages.shop.put(repository, "12", debianBase());
    const more = { packages: ["tool"], packageSources: [packages.source()], minimumAge: { packages: "3d" } };
    inputs = { repository, version: "12", suffix: "p", platforms: ["linux/amd64"], ...more };
  });

  const at = (days: number): Session => ({ ...packages.shop.session(), now: () => start + days * day });
  const up = (days: number, state?: State, more: ValueMap = {}): Promise<State> =>
    packages.shop.up("customization", { ...inputs, ...more }, state, at(days));
  const stock = (days: number, ...versions: readonly (readonly [name: string, version: string, depends?: string])[]): Promise<void> =>
    packages.stock(
      versions.flatMap(([name, version, depends]) => forBoth(name, version, depends === undefined ? {} : { fields: { Depends: depends } })),
      { date: on(days) },
    );
  const versions = ({ resolution }: ValueMap): unknown => Object.values((resolution as ValueMap)["packages"] as ValueMap)[0];

  it("a newer version stays away until its archive's date is old enough, and then comes without a change of the archive", async () => {
    await stock(0, ["tool", "1-1", "lib"], ["lib", "1-1"]);
    const state = await up(1);
    expect([versions(state.outputs), noticesOf(state.outputs)]).to.deep.equal([{ lib: "1-1", tool: "1-1" }, []]);
    await stock(2, ["tool", "1-1", "lib"], ["tool", "2-1", "lib"], ["lib", "1-1"], ["lib", "1-2"]);
    const seen = await up(3, state);
    expect(seen.did).to.equal("update");
    expect(seen.outputs["digest"]).to.equal(state.outputs["digest"]);
    const told = ["lib ripens: 1-1 → 1-2", "tool ripens: 1-1 → 2-1"].map(
      (what) => `ripening: the package ${what} will be taken on 2025-03-06`,
    );
    expect([...noticesOf(seen.outputs)].sort()).to.deep.equal(told);
    expect(seen.outputs["__firstSeen"]).to.deep.equal({
      "package lib=1-2": "2025-03-03T00:00:00.000Z",
      "package tool=2-1": "2025-03-03T00:00:00.000Z",
    });
    packages.takeRequests();
    packages.shop.loseCache();
    expect((await up(4, seen)).did).to.equal("same");
    expect(packages.takeRequests()).to.deep.equal(["dists/bookworm/InRelease"]);
    // A newer release file does not make them younger.
    await stock(4, ["tool", "1-1", "lib"], ["tool", "2-1", "lib"], ["lib", "1-1"], ["lib", "1-2"]);
    const again = await up(4.9, seen);
    expect(again.did).to.equal("same");
    const taken = await up(5, again);
    expect(versions(taken.outputs)).to.deep.equal({ lib: "1-2", tool: "2-1" });
    expect([noticesOf(taken.outputs), taken.outputs["__firstSeen"]]).to.deep.equal([[], undefined]);
    expect(taken.outputs["reasons"]).to.deep.equal(["lib: 1-1 → 1-2", "tool: 1-1 → 2-1"]);
    expect((await up(6, taken)).did).to.equal("same");
  });

  it("a package of the base that upgradeInstalled would upgrade for the first time stays until the newer version is old enough", async () => {
    await packages.shop.put(repository, "12", debianBase([installed("base-files", "12.4"), installed("tool", "1-1")]));
    const more = { packages: [], upgradeInstalled: true };
    await stock(0, ["tool", "1-1"]);
    const state = await up(1, undefined, more);
    expect(versions(state.outputs)).to.deep.equal({});
    // As Debian's archive, which has the newest version alone.
    await stock(2, ["tool", "2-1"]);
    const seen = await up(3, state, more);
    expect([versions(seen.outputs), noticesOf(seen.outputs)]).to.deep.equal([
      {},
      ["ripening: the package tool ripens: 1-1 → 2-1 will be taken on 2025-03-06"],
    ]);
    const taken = await up(5, seen, more);
    expect([versions(taken.outputs), noticesOf(taken.outputs)]).to.deep.equal([{ tool: "2-1" }, []]);
  });

  it("another input that changes is composed with the versions of state, and what they need", async () => {
    await stock(0, ["tool", "1-1"]);
    const state = await up(1);
    await stock(2, ["tool", "1-1"], ["tool", "2-1", "fresh"], ["fresh", "1-1"]);
    const other = await up(3, state, { cmd: ["x"] });
    expect(versions(other.outputs)).to.deep.equal({ tool: "1-1" });
    expect(noticesOf(other.outputs)).to.have.lengthOf(1);
    expect(other.outputs["reasons"]).to.deep.equal(["cmd changed"]);
    // What the program pins is what it asks for.
    const pinned = await up(3, other, { packages: ["tool=2-1"] });
    expect([versions(pinned.outputs), noticesOf(pinned.outputs)]).to.deep.equal([{ fresh: "1-1", tool: "2-1" }, []]);
  });

  it("an image stays whole when the archive dropped its versions; once it is built, it takes what is there and says so", async () => {
    await stock(0, ["tool", "1-1"]);
    const state = await up(1);
    await stock(2, ["tool", "2-1"]);
    const seen = await up(3, state);
    expect(seen.outputs["digest"]).to.equal(state.outputs["digest"]);
    expect(noticesOf(seen.outputs)).to.deep.equal(["ripening: the package tool ripens: 1-1 → 2-1 will be taken on 2025-03-06"]);
    expect((await up(4, seen)).did).to.equal("same");
    const built = await up(4, seen, { cmd: ["x"] });
    expect(versions(built.outputs)).to.deep.equal({ tool: "2-1" });
    expect(noticesOf(built.outputs)).to.deep.equal([
      "young: the package tool moved from 1-1 to 2-1 although minimumAge is not reached: the archives no longer allow 1-1",
    ]);
    expect(versions((await up(5, seen)).outputs)).to.deep.equal({ tool: "2-1" });
  });

  it("archives for security do not ripen, by suite or component, unless security says so", async () => {
    for (const [suite, component] of [
      ["bookworm-security", "main"],
      ["bookworm", "security"],
    ] as const) {
      const key = packages.key;
      const stockBoth = async (version: string): Promise<void> => {
        const main = { suite: "bookworm", packages: { main: forBoth("tool", "1-1"), security: [] as never[] }, keys: [key], date: on(0) };
        const patched = { suite, packages: { [component]: forBoth("tool", version) }, keys: [key], date: on(2) };
        const suites =
          suite === "bookworm" ? [{ ...main, date: on(2), packages: { ...main.packages, ...patched.packages } }] : [main, patched];
        packages.files.clear();
        for (const [path, bytes] of await buildArchive(suites)) packages.files.set(path, bytes);
        packages.shop.loseCache();
      };
      const suites = [...new Set(["bookworm", suite])];
      const packageSources = [packages.source({ suites, components: component === "main" ? ["main"] : ["main", "security"] })];
      const slow = { packageSources, minimumAge: { packages: "3d", security: "2d" } };
      await stockBoth("1-1");
      const state = await up(2, undefined, { packageSources, suffix: suite + component });
      await stockBoth("1-1+deb12u1");
      const patched = await up(3, state, { packageSources, suffix: suite + component });
      expect(versions(patched.outputs)).to.deep.equal({ tool: "1-1+deb12u1" });
      const waits = await up(3, state, { ...slow, suffix: suite + component });
      expect(versions(waits.outputs)).to.deep.equal({ tool: "1-1" });
      expect(noticesOf(waits.outputs)).to.deep.equal(["ripening: the package tool ripens: 1-1 → 1-1+deb12u1 will be taken on 2025-03-05"]);
    }
  });

  it("one that a package from a security archive needs is taken, with a notice: both or none can be had", async () => {
    await stock(0, ["tool", "1-1", "lib"], ["lib", "1-1"]);
    const state = await up(1);
    const main = { suite: "bookworm", packages: { main: [...forBoth("lib", "1-1"), ...forBoth("lib", "2-1")] }, keys: [packages.key] };
    const fields = { Depends: "lib (>= 2)" };
    const security = { suite: "bookworm-security", packages: { main: forBoth("tool", "1-2", { fields }) }, keys: [packages.key] };
    packages.files.clear();
    for (const [path, bytes] of await buildArchive([main, security].map((suite) => ({ ...suite, date: on(2) }))))
      packages.files.set(path, bytes);
    packages.shop.loseCache();
    const next = await up(3, state, { packageSources: [packages.source({ suites: ["bookworm", "bookworm-security"] })] });
    expect(versions(next.outputs)).to.deep.equal({ lib: "2-1", tool: "1-2" });
    expect(noticesOf(next.outputs)[0] ?? "").to.match(/^young: the package lib moved from 1-1 to 2-1/);
  });

  it("a text is for images alone, and a new image takes what is there", async () => {
    await stock(2, ["tool", "1-1"]);
    expect(noticesOf((await up(2)).outputs)).to.deep.equal([]);
    const state = await up(2, undefined, { minimumAge: "72h", suffix: "q" });
    await stock(2, ["tool", "2-1"]);
    packages.shop.loseCache();
    expect(versions((await up(2, state, { minimumAge: "72h", suffix: "q" })).outputs)).to.deep.equal({ tool: "2-1" });
  });

  it("a base with another installed version, and an outage, are no obstacle", async () => {
    await stock(0, ["tool", "1-1", "lib (>= 1)"], ["lib", "1-1"]);
    const state = await up(1);
    await stock(2, ["tool", "1-1", "lib (>= 1)"], ["lib", "1-1"], ["lib", "2-1"]);
    const seen = await up(3, state);
    const down = new DhiError("unavailable", "the registry answered 503");
    const kept = await packages.shop.up(
      "customization",
      inputs,
      seen,
      changed(at(9), () => ({
        headManifest: (tag) => {
          if (tag === "12") return Promise.reject(down);
          return packages.shop
            .session()
            .repositories.open({ kind: "layout", path: repository.slice("oci:".length) })
            .headManifest(tag);
        },
      })),
    );
    expect([kept.did, kept.inputs["__firstSeen"]]).to.deep.equal(["same", seen.outputs["__firstSeen"]]);
    await packages.shop.put(repository, "12", debianBase([installed("base-files", "12.4"), installed("lib", "1.5-1")]));
    const { derived, failures } = await checkWith(at(3), "customization", { news: inputs, olds: seen.inputs });
    expect([failures, versions(derived)]).to.deep.equal([[], { tool: "1-1" }]);
  });

  it("packages of Alpine ripen by the date of their index, but for a folder called security", async () => {
    const key = makeApkKey();
    const files = (days: number, ...all: readonly string[]): ArchiveFiles => {
      const specs = all.map((version) => ({ name: "tool", version, files: [{ name: "usr/bin/tool", data: version }] }));
      return buildApkRepository(specs, { key, date: on(days).getTime() / 1000 });
    };
    for (const folder of ["main", "security"]) {
      const archive = await served(new Map());
      const fill = (made: ArchiveFiles): void => {
        archive.files = new Map([...made].map(([path, bytes]) => [`${folder}/${path}`, bytes]));
        packages.shop.loseCache();
      };
      const image: ValueMap = {
        repository: `oci:alpine-${folder}`,
        tag: "1",
        distribution: "alpine:3.19",
        platforms: ["linux/amd64"],
        packages: ["tool"],
        packageSources: [{ url: `${archive.url}/${folder}`, keys: [key.publicKey] }],
        minimumAge: { packages: "3d" },
      };
      fill(files(0, "1.0-r0"));
      const state = await packages.shop.up("artifact", image, undefined, at(1));
      fill(files(2, "1.0-r0", "1.1-r0"));
      const next = await packages.shop.up("artifact", image, state, at(3));
      expect(versions(next.outputs)).to.deep.equal({ tool: folder === "main" ? "1.0-r0" : "1.1-r0" });
      if (folder === "security") continue;
      expect(noticesOf(next.outputs)).to.deep.equal(["ripening: the package tool ripens: 1.0-r0 → 1.1-r0 will be taken on 2025-03-06"]);
      // Alpine drops the old one.
      fill(files(2, "1.1-r0"));
      const kept = await packages.shop.up("artifact", image, state, at(3));
      expect([versions(kept.outputs), kept.outputs["digest"]]).to.deep.equal([{ tool: "1.0-r0" }, state.outputs["digest"]]);
      expect(versions((await packages.shop.up("artifact", image, next, at(5))).outputs)).to.deep.equal({ tool: "1.1-r0" });
    }
  });
});
