import { describe, it } from "mocha";
import { expect } from "../../support/expectations.js";
import { artifact, device, file, kinds, link, plan, text, treeOf } from "./planning.js";

describe("artifacts", () => {
  const source = treeOf({
    "opt/t/run": file("run", { uid: 7, gid: 8, mode: 0o4755 }),
    "opt/t/doc/a": file("doc"),
    "etc/passwd": file("them:x:9:9:::\n"),
    "lib/x": file("lib"),
    up: link("../outside"),
    "deep/er/ok": link("../../opt"),
    absolute: link("/../../fine"),
    null: device,
  });

  it("keep owners and modes unless others are declared", () => {
    const kept = plan(artifact(["/opt/t"]), [{ tree: source }]).tree.get("opt/t/run");
    expect([kept?.uid, kept?.gid, kept?.mode]).to.deep.equal([7, 8, 0o4755]);
    const told = plan(artifact(["/opt/t"], { uid: 0, gid: 50 }), [{ tree: source }]).tree.get("opt/t/run");
    expect([told?.uid, told?.gid, told?.mode]).to.deep.equal([0, 50, 0o4755]);
    const half = plan(artifact(["/opt/t"], { gid: 50 }), [{ tree: source }]).tree.get("opt/t/run");
    expect([half?.uid, half?.gid]).to.deep.equal([7, 50]);
  });

  it("keep hard links when owners change", () => {
    const shared = file("shared");
    const tree = treeOf({ "l/a": shared, "l/b": shared });
    const { layers } = plan(artifact(["/l"], { uid: 3 }), [{ tree }]);
    expect(layers[0]?.entries.filter((entry) => "link" in entry)).to.deep.equal([{ path: "l/b", link: "l/a" }]);
  });

  it("are copied to where links of the base lead", () => {
    expect(text(plan(artifact(["/lib/x"]), [{ tree: source }]).tree, "usr/lib/x")).to.equal("lib");
  });

  it("leave package databases out with a notice unless an include names them, and provide accounts", () => {
    const made = plan(artifact(["/etc", "/opt"]), [{ tree: source }]);
    expect(kinds(made)).to.deep.equal(["database-left-out"]);
    expect(made.notices[0]?.message ?? "").to.match(/^\/etc\/passwd of ghcr\.io\/t:1 is left out, as it would describe the image wrongly/);
    const named = plan({ ...artifact(["/etc/passwd"]), users: [{ name: "app", uid: 1001 }] }, [{ tree: source }]);
    expect(text(named.tree, "etc/passwd")).to.equal("them:x:9:9:::\napp:x:1001:1001::/home/app:/usr/sbin/nologin\n");
    expect(kinds(named)).to.deep.equal(["overwritten /etc/passwd"]);
  });

  it("report excludes that match nothing", () => {
    const made = plan(artifact(["/opt"], { excludes: ["/opt/t/doc", "/nope"] }), [{ tree: source }]);
    expect(made.notices.map(({ message }) => message)).to.deep.equal(['the exclude "/nope" excludes nothing of ghcr.io/t:1']);
    expect(made.tree.get("opt/t/doc")).to.equal(undefined);
  });

  const refused: readonly (readonly [readonly string[], RegExp, string])[] = [
    [["/null"], /^\/null is a device node$/, "artifacts[0]"],
    [["/up"], /^\/up is a link to \.\.\/outside, which lies above the root$/, "artifacts[0]"],
    [["/opt", "/nope"], /"\/nope" matches nothing/, "artifacts[0].includes[1]"],
  ];
  for (const [includes, message, property] of refused) {
    it(`refuse ${includes.join()}`, () => {
      expect(() => plan(artifact(includes), [{ tree: source }])).to.throwError({ message, property, origin: "artifact" });
    });
  }

  it("may have links that stay within the root", () => {
    const made = plan(artifact(["/deep", "/absolute", "/opt"]), [{ tree: source }]);
    expect(made.tree.get("deep/er/ok")?.target).to.equal("../../opt");
    expect(kinds(made)).to.deep.equal(["dangling-link /absolute"]);
  });

  it("are rejected with the property when they conflict with other content", () => {
    const bad = treeOf({ "etc/conf/below": file("x") });
    expect(() => plan(artifact(["/etc"]), [{ tree: bad }])).to.throwError({
      code: "conflict",
      property: "artifacts[0]",
      message: /is a directory and cannot replace a file/,
    });
  });
});

describe("dangling links", () => {
  const source = treeOf({
    "a/b": link("c"),
    "a/run": link("/run/x"),
    "a/proc": link("../proc/self"),
    "a/var": link("/var/run/y"),
    "a/runner": link("/runner"),
    "a/root": link("/"),
  });
  it("are reported, except for targets that exist only at run time", () => {
    const made = plan(artifact(["/a"]), [{ tree: source }]);
    expect(kinds(made)).to.deep.equal(["dangling-link /a/b", "dangling-link /a/runner"]);
    expect(made.notices.map(({ message }) => message)).to.deep.equal([
      "/a/b links to c, which is not in the image",
      "/a/runner links to /runner, which is not in the image",
    ]);
  });

  it("are not reported when a later layer has the target", () => {
    const content = { ...artifact(["/a/b"]), scripts: [{ path: "/a/c", content: "", uid: 0, gid: 0, mode: "0644" }] };
    expect(kinds(plan(content, [{ tree: source }]))).to.deep.equal([]);
  });
});
