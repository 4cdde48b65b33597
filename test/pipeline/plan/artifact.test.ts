import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
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

  it("keep owners and modes, and take what they are told", () => {
    const kept = plan(artifact(["/opt/t"]), [{ tree: source }]).tree.get("opt/t/run");
    assert.deepEqual([kept?.uid, kept?.gid, kept?.mode], [7, 8, 0o4755]);
    const told = plan(artifact(["/opt/t"], { uid: 0, gid: 50 }), [{ tree: source }]).tree.get("opt/t/run");
    assert.deepEqual([told?.uid, told?.gid, told?.mode], [0, 50, 0o4755]);
    const half = plan(artifact(["/opt/t"], { gid: 50 }), [{ tree: source }]).tree.get("opt/t/run");
    assert.deepEqual([half?.uid, half?.gid], [7, 50]);
  });

  it("keep hard links when owners change", () => {
    const shared = file("shared");
    const tree = treeOf({ "l/a": shared, "l/b": shared });
    const { layers } = plan(artifact(["/l"], { uid: 3 }), [{ tree }]);
    assert.deepEqual(
      layers[0]?.entries.filter((entry) => "link" in entry),
      [{ path: "l/b", link: "l/a" }],
    );
  });

  it("land where links of the base lead", () => {
    assert.equal(text(plan(artifact(["/lib/x"]), [{ tree: source }]).tree, "usr/lib/x"), "lib");
  });

  it("leave databases out with a notice, and take them where they are named; accounts start from them", () => {
    const made = plan(artifact(["/etc", "/opt"]), [{ tree: source }]);
    assert.deepEqual(kinds(made), ["database-left-out"]);
    assert.match(made.notices[0]?.message ?? "", /^\/etc\/passwd of ghcr\.io\/t:1 would describe the image falsely/);
    const named = plan({ ...artifact(["/etc/passwd"]), users: [{ name: "app", uid: 1001 }] }, [{ tree: source }]);
    assert.equal(text(named.tree, "etc/passwd"), "them:x:9:9:::\napp:x:1001:1001::/home/app:/usr/sbin/nologin\n");
    assert.deepEqual(kinds(named), ["overwritten /etc/passwd"]);
  });

  it("tell excludes that hide nothing", () => {
    const made = plan(artifact(["/opt"], { excludes: ["/opt/t/doc", "/nope"] }), [{ tree: source }]);
    assert.deepEqual(
      made.notices.map(({ message }) => message),
      ['the exclude "/nope" hides nothing of ghcr.io/t:1'],
    );
    assert.equal(made.tree.get("opt/t/doc"), undefined);
  });

  const refused: readonly (readonly [readonly string[], RegExp, string])[] = [
    [["/null"], /^\/null is a device node$/, "artifacts[0]"],
    [["/up"], /^\/up is a link to \.\.\/outside, which lies above the root$/, "artifacts[0]"],
    [["/opt", "/nope"], /"\/nope" matches nothing/, "artifacts[0].includes[1]"],
  ];
  for (const [includes, message, property] of refused) {
    it(`refuse ${includes.join()}`, () => {
      assert.throws(() => plan(artifact(includes), [{ tree: source }]), { message, property, origin: "artifact" });
    });
  }

  it("take links that stay within the root", () => {
    const made = plan(artifact(["/deep", "/absolute", "/opt"]), [{ tree: source }]);
    assert.equal(made.tree.get("deep/er/ok")?.target, "../../opt");
    assert.deepEqual(kinds(made), ["dangling-link /absolute"]);
  });

  it("are refused where they meet something else, with the property", () => {
    const bad = treeOf({ "etc/conf/below": file("x") });
    assert.throws(() => plan(artifact(["/etc"]), [{ tree: bad }]), {
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
  it("are told, but for what is made at run time", () => {
    const made = plan(artifact(["/a"]), [{ tree: source }]);
    assert.deepEqual(kinds(made), ["dangling-link /a/b", "dangling-link /a/runner"]);
    assert.deepEqual(
      made.notices.map(({ message }) => message),
      ["/a/b links to c, which is not in the image", "/a/runner links to /runner, which is not in the image"],
    );
  });

  it("that a later layer makes right are none", () => {
    const content = { ...artifact(["/a/b"]), scripts: [{ path: "/a/c", content: "", uid: 0, gid: 0, mode: "0644" }] };
    assert.deepEqual(kinds(plan(content, [{ tree: source }])), []);
  });
});
