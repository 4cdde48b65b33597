import { describe, it } from "mocha";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { expect } from "../../support/expectations.js";
import { plain } from "../../support/tar/entries.js";
import { debian, kinds, noLocal, plan, text } from "./planning.js";

describe("accounts", () => {
  const users = [{ name: "app", uid: 1001 }];

  it("are edited in place, keep owner, mode and xattrs, and cause no notice", () => {
    const made = plan({ users });
    expect(made.notices).to.deep.equal([]);
    const passwd = made.tree.get("etc/passwd");
    expect([passwd?.mode, passwd?.gid, passwd?.pax]).to.deep.equal([0o600, 42, { "SCHILY.xattr.user.x": "y" }]);
    expect(text(made.tree, "etc/shadow")).to.equal("root:*:1:0:99999:7:::\napp:!::0:99999:7:::\n");
    expect(made.tree.get("etc/gshadow")).to.equal(undefined);
  });

  it("get a home directory that the user owns", () => {
    expect(plan({ users }).tree.get("home/app")).to.deep.equal({ ...defaultDirectory, uid: 1001, gid: 1001 });
    const declared = plan({ users: [{ name: "app", uid: 5, home: "/srv/app" }], groups: [{ name: "app", gid: 6 }] }).tree.get("srv/app");
    expect([declared?.uid, declared?.gid, declared?.mode]).to.deep.equal([5, 6, 0o755]);
    for (const home of ["/", "/nonexistent"]) {
      const made = plan({ users: [{ name: "app", uid: 5, home }] });
      expect([made.tree.get("nonexistent"), made.notices]).to.deep.equal([undefined, []]);
    }
  });

  it("keep an existing home, with a notice", () => {
    const made = plan({ users: [{ name: "app", uid: 1001, home: "/srv/there" }] });
    expect(kinds(made)).to.deep.equal(["home-exists /srv/there"]);
    expect(made.tree.get("srv/there")?.uid).to.equal(5);
  });

  it("are created in an empty image", () => {
    const made = plan({ users }, [], noLocal, new FileTree());
    expect(text(made.tree, "etc/passwd")).to.equal("app:x:1001:1001::/home/app:/sbin/nologin\n");
    expect(made.tree.get("etc/passwd")?.mode).to.equal(0o644);
    expect(made.tree.get("etc/shadow")).to.equal(undefined);
  });

  it("that change nothing add no layer", () => {
    expect(plan({ users: [{ name: "root", uid: 0 }] }).layers).to.deep.equal([]);
  });

  it("are rejected when their files cannot be edited", () => {
    const big = debian.fork();
    big.set("etc/passwd", { ...plain, type: "file", content: { from: "disk", digest: `sha256:${"0".repeat(64)}`, size: 1, file: "x" } });
    expect(() => plan({ users }, [], noLocal, big)).to.throwError({ code: "invalid", message: /^\/etc\/passwd cannot be edited/ });
    const folder = debian.fork();
    folder.set("etc/group", defaultDirectory);
    expect(() => plan({ users }, [], noLocal, folder)).to.throwError({ message: /^\/etc\/group is not a file/ });
  });

  it("determine runAs, the numeric uid of a user in the result", () => {
    expect(plan({ users, runAs: "app" }).config.execution["User"]).to.equal("1001");
    expect(plan({ users, runAs: 1001 }).config.execution["User"]).to.equal("1001");
    expect(plan({ runAs: "0" }).config.execution["User"]).to.equal("0");
    expect(() => plan({ users, runAs: "nobody" })).to.throwError({ code: "not-found", property: "runAs", message: /it has root, app$/ });
    expect(() => plan({ runAs: 1001 }, [], noLocal, new FileTree())).to.throwError({ message: /it has no users$/ });
  });
});
