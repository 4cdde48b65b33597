import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { plain } from "../../support/tar/entries.js";
import { debian, kinds, noLocal, plan, text } from "./planning.js";

describe("accounts", () => {
  const users = [{ name: "app", uid: 1001 }];

  it("are edited in place, with owner, mode and xattrs as they were, and without a notice", () => {
    const made = plan({ users });
    assert.deepEqual(made.notices, []);
    const passwd = made.tree.get("etc/passwd");
    assert.deepEqual([passwd?.mode, passwd?.gid, passwd?.pax], [0o600, 42, { "SCHILY.xattr.user.x": "y" }]);
    assert.equal(text(made.tree, "etc/shadow"), "root:*:1:0:99999:7:::\napp:!::0:99999:7:::\n");
    assert.equal(made.tree.get("etc/gshadow"), undefined);
  });

  it("make a home, owned by the user", () => {
    assert.deepEqual(plan({ users }).tree.get("home/app"), { ...defaultDirectory, uid: 1001, gid: 1001 });
    const declared = plan({ users: [{ name: "app", uid: 5, home: "/srv/app" }], groups: [{ name: "app", gid: 6 }] }).tree.get("srv/app");
    assert.deepEqual([declared?.uid, declared?.gid, declared?.mode], [5, 6, 0o755]);
    for (const home of ["/", "/nonexistent"]) {
      const made = plan({ users: [{ name: "app", uid: 5, home }] });
      assert.deepEqual([made.tree.get("nonexistent"), made.notices], [undefined, []]);
    }
  });

  it("leave a home that is there, with a notice", () => {
    const made = plan({ users: [{ name: "app", uid: 1001, home: "/srv/there" }] });
    assert.deepEqual(kinds(made), ["home-exists /srv/there"]);
    assert.equal(made.tree.get("srv/there")?.uid, 5);
  });

  it("of an empty image are made", () => {
    const made = plan({ users }, [], noLocal, new FileTree());
    assert.equal(text(made.tree, "etc/passwd"), "app:x:1001:1001::/home/app:/sbin/nologin\n");
    assert.equal(made.tree.get("etc/passwd")?.mode, 0o644);
    assert.equal(made.tree.get("etc/shadow"), undefined);
  });

  it("that change nothing make no layer", () => {
    assert.deepEqual(plan({ users: [{ name: "root", uid: 0 }] }).layers, []);
  });

  it("that cannot be edited are refused", () => {
    const big = debian.fork();
    big.set("etc/passwd", { ...plain, type: "file", content: { from: "disk", digest: `sha256:${"0".repeat(64)}`, size: 1, file: "x" } });
    assert.throws(() => plan({ users }, [], noLocal, big), { code: "invalid", message: /^\/etc\/passwd cannot be edited/ });
    const folder = debian.fork();
    folder.set("etc/group", defaultDirectory);
    assert.throws(() => plan({ users }, [], noLocal, folder), { message: /^\/etc\/group is no file/ });
  });

  it("runAs is the numeric uid of a user of the result", () => {
    assert.equal(plan({ users, runAs: "app" }).config.execution["User"], "1001");
    assert.equal(plan({ users, runAs: 1001 }).config.execution["User"], "1001");
    assert.equal(plan({ runAs: "0" }).config.execution["User"], "0");
    assert.throws(() => plan({ users, runAs: "nobody" }), { code: "not-found", property: "runAs", message: /it has root, app$/ });
    assert.throws(() => plan({ runAs: 1001 }, [], noLocal, new FileTree()), { message: /it has no users$/ });
  });
});
