import { after, before, describe, it } from "mocha";
import { isMap, omit, type ValueMap } from "../../../provider/values.js";
import { expect } from "../../support/expectations.js";
import { file } from "../../support/images/layer-tar.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";
import { flattened } from "../../support/session/tree.js";
import { checkWith, type State } from "../workshop.js";
import { debianBase, forBoth, installed, PackagesShop } from "./packages-shop.js";

/** A base with a library, which `version` is, and a program that needs it. */
function baseWith(version: string, more = ""): ReturnType<typeof debianBase> {
  const files = [`usr/lib/ssl/${version}`, "usr/lib/ssl/both", "etc/ssl.conf"];
  return debianBase(
    [
      installed("base-files", "12.4"),
      installed("libssl3", version, `Conffiles:\n /etc/ssl.conf ${"0".repeat(32)}\n`),
      installed("app", "1"),
    ],
    [
      ...files.map((path) => file(path, version)),
      file("var/lib/dpkg/info/libssl3.list", files.map((path) => `/${path}\n`).join("")),
      ...(more === "" ? [] : [file("etc/more", more)]),
    ],
  );
}

const libssl = (version: string, fields: Readonly<Record<string, string>> = {}) =>
  forBoth("libssl3", version, {
    fields,
    files: [`usr/lib/ssl/${version}`, "usr/lib/ssl/both"].map((name) => ({ name, data: version })),
  });

describe("upgradeInstalled", () => {
  let packages: PackagesShop;
  let count = 0;
  before(async () => {
    packages = await PackagesShop.open();
  });
  after(() => packages.close());

  const start = async (more: ValueMap = {}, version = "3.0.17-1"): Promise<ValueMap> => {
    const repository = `oci:base${String(++count)}`;
    await packages.shop.put(repository, "3.13", baseWith(version));
    return { repository, version: "3.13", suffix: "p", packageSources: [packages.source()], upgradeInstalled: true, ...more };
  };
  const up = (inputs: ValueMap, state?: State): Promise<State> => packages.shop.up("customization", inputs, state);
  const versions = ({ outputs: { resolution } }: State): unknown =>
    isMap(resolution) && isMap(resolution["packages"]) && resolution["packages"]["linux/arm64"];
  const kinds = ({ outputs: { notices } }: State): readonly unknown[] =>
    (notices as readonly { readonly kind: string }[]).map(({ kind }) => kind);
  const heldIn = ({ inputs: { resolution } }: State): ValueMap => (isMap(resolution) ? resolution : {});
  const treeOf = ({ outputs }: State) => flattened(packages.shop.session(), outputs["ref"] as string, "linux/arm64");

  it("adds no layer, and is no change, while the base has the newest versions", async () => {
    await packages.stock([...libssl("3.0.17-1"), ...forBoth("other", "1")]);
    const inputs = await start({ labels: { a: "b" } });
    const state = await up(inputs);
    expect(versions(state)).to.deep.equal({});
    expect(state.outputs["layers"]).to.deep.equal([]);
    expect((await up(inputs, state)).did).to.equal("same");
    const without = await up({ ...inputs, suffix: "q", upgradeInstalled: false });
    expect(without.outputs["digest"]).to.equal(state.outputs["digest"]);
  });

  it("takes a patched package of the base: in preview, with its reason and the new packages that it needs", async () => {
    await packages.stock(libssl("3.0.17-1"));
    const inputs = await start({ labels: { a: "b" } });
    const state = await up(inputs);
    await packages.stock([...libssl("3.0.18-1", { Depends: "fresh" }), ...forBoth("fresh", "2"), ...forBoth("other", "1")]);
    const { derived } = await checkWith(packages.shop.session(), "customization", { news: inputs, olds: state.inputs });
    expect(derived["reasons"]).to.deep.equal(["added fresh 2", "libssl3: 3.0.17-1 → 3.0.18-1"]);
    const next = await up(inputs, state);
    expect(next.did).to.equal("update");
    expect(next.outputs["digest"]).to.equal(derived["digest"]);
    expect(versions(next)).to.deep.equal({ fresh: "2", libssl3: "3.0.18-1" });
    expect(kinds(next)).to.deep.equal(["upgraded"]);
    expect(String((next.outputs["layers"] as readonly string[])[0])).to.match(/^upgraded packages: /);
    const tree = await treeOf(next);
    expect(Object.keys(tree).filter((path) => path.startsWith("usr/lib/ssl/"))).to.deep.equal(["usr/lib/ssl/3.0.18-1", "usr/lib/ssl/both"]);
    expect(tree).to.include.keys("etc/ssl.conf", "usr/share/fresh/version", "var/lib/dpkg/info/libssl3.list");
    expect((await up(inputs, next)).did).to.equal("same");
    packages.shop.loseCache();
    packages.takeRequests();
    expect((await up(inputs, next)).did).to.equal("same");
    expect(packages.takeRequests()).to.deep.equal(["dists/bookworm/InRelease"]);
  });

  it("is dropped from our layer when the base is rebuilt with the patched version", async () => {
    await packages.stock(libssl("3.0.18-1"));
    const inputs = await start({ labels: { a: "b" } });
    const state = await up(inputs);
    expect(versions(state)).to.deep.equal({ libssl3: "3.0.18-1" });
    await packages.shop.put(inputs["repository"] as string, "3.13", baseWith("3.0.18-1", "rebuilt"));
    const next = await up(inputs, state);
    expect(versions(next)).to.deep.equal({});
    expect(next.outputs["layers"]).to.deep.equal([]);
    const reasons = next.outputs["reasons"] as readonly string[];
    expect(reasons.map((reason) => reason.replace(/[0-9a-f]{12}/g, "…"))).to.deep.equal(["base 3.13: sha256:… → sha256:…"]);
  });

  it("composes the same image from state's resolution, while the archive has gone on for other packages", async () => {
    await packages.stock(libssl("3.0.18-1"));
    const inputs = await start({ packages: ["fresh"] });
    await packages.stock([...libssl("3.0.18-1"), ...forBoth("fresh", "2")]);
    const session = packages.shop.session();
    const { derived } = await checkWith(session, "customization", { news: inputs });
    // Create runs in another process, with nothing in the cache, after `app` was patched.
    await packages.stock([...libssl("3.0.18-1"), ...forBoth("fresh", "2"), ...forBoth("app", "2")]);
    packages.shop.loseCache();
    const { outputs } = await lifecycles.customization.create(packages.shop.session(), { ...inputs, ...derived }, keepRow());
    expect(outputs["digest"]).to.equal(derived["digest"]);
  });

  it("is held by ignoreChanges: other packages of the base stay, and a version that is gone is an error", async () => {
    await packages.stock(libssl("3.0.18-1"));
    const inputs = await start();
    const state = await up(inputs);
    await packages.stock([...libssl("3.0.18-1"), ...libssl("3.0.19-1"), ...forBoth("app", "2")]);
    const held = { ...inputs, cmd: ["x"], resolution: heldIn(state) };
    const request = { news: held, olds: state.inputs, urn: "urn:held" };
    const { derived, failures } = await checkWith(packages.shop.session(), "customization", request);
    expect(failures).to.deep.equal([]);
    expect(isMap(derived["resolution"]) && derived["resolution"]["packages"]).to.deep.equal(
      isMap(state.outputs["resolution"]) && state.outputs["resolution"]["packages"],
    );
    await packages.stock([...libssl("3.0.19-1"), ...forBoth("app", "2")]);
    const gone = await checkWith(packages.shop.session(), "customization", request);
    expect(gone.failures.map(({ reason }) => reason).join()).to.include("no archive has libssl3 3.0.18-1, the held version, only 3.0.19-1");
  });

  it("that comes to a held image is resolved now, like other new inputs", async () => {
    await packages.stock([...libssl("3.0.17-1"), ...forBoth("fresh", "1")]);
    const inputs = omit(await start({ packages: ["fresh"] }), new Set(["upgradeInstalled"]));
    const state = await up(inputs);
    await packages.stock([...libssl("3.0.18-1"), ...forBoth("fresh", "1"), ...forBoth("fresh", "2")]);
    const news = { ...inputs, upgradeInstalled: true, resolution: heldIn(state) };
    const { derived } = await checkWith(packages.shop.session(), "customization", { news, olds: state.inputs, urn: "urn:held" });
    expect(isMap(derived["resolution"]) && derived["resolution"]["packages"]).to.deep.equal({
      "linux/amd64": { fresh: "1", libssl3: "3.0.18-1" },
      "linux/arm64": { fresh: "1", libssl3: "3.0.18-1" },
    });
    expect(derived["reasons"]).to.deep.equal(["upgradeInstalled changed", "libssl3: 3.0.17-1 → 3.0.18-1"]);
  });

  it("keeps back what would take something away, with a notice that says why", async () => {
    await packages.stock([...libssl("3.0.18-1", { Breaks: "app (<< 2)" }), ...forBoth("base-files", "12.5")]);
    const state = await up(await start());
    expect(versions(state)).to.deep.equal({ "base-files": "12.5" });
    const notices = state.outputs["notices"] as readonly { readonly kind: string; readonly message: string }[];
    expect(notices.filter(({ kind }) => kind === "kept-back").map(({ message }) => message)).to.deep.equal([
      "libssl3 of the base stays at 3.0.17-1 rather than 3.0.18-1: libssl3 3.0.18-1 cannot be installed with app 1, which is in the base, as libssl3 breaks app (<< 2)",
    ]);
  });

  it("upgrades beside packages that are asked for, but none that is forbidden", async () => {
    await packages.stock([...libssl("3.0.18-1"), ...forBoth("app", "2"), ...forBoth("fresh", "1", { fields: { Depends: "libssl3" } })]);
    const state = await up(await start({ packages: ["fresh", "!app"] }));
    expect(versions(state)).to.deep.equal({ fresh: "1", libssl3: "3.0.18-1" });
    const pinned = await up(await start({ packages: ["libssl3=3.0.18-1"] }));
    expect(versions(pinned)).to.deep.equal({ app: "2", libssl3: "3.0.18-1" });
  });

  it("needs a base with a package database", async () => {
    await packages.stock(libssl("3.0.18-1"));
    await packages.shop.put("oci:none", "3.13", debianBase("none"));
    const [refusal = ""] = await packages.refusals({ ...(await start()), repository: "oci:none" });
    expect(refusal).to.match(/^upgradeInstalled: the base is .* but has no package database/);
  });

  it("is true or false, and not for images from scratch", async () => {
    expect(await packages.refusals(await start({ upgradeInstalled: "yes" }))).to.deep.equal([
      'upgradeInstalled: "yes" is not true or false',
    ]);
    const { failures } = await checkWith(packages.shop.session(), "artifact", {
      news: { repository: "oci:x", tag: "1", upgradeInstalled: true },
    });
    expect(failures.map(({ reason }) => reason).join()).to.match(/has no property "upgradeInstalled"/);
  });
});
