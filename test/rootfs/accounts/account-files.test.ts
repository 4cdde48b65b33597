import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  addMembers,
  appendLines,
  groupLine,
  gshadowLine,
  parseGroup,
  parsePasswd,
  passwdLine,
  shadowLine,
} from "../../../provider/rootfs/accounts/account-files.js";

describe("passwd", () => {
  it("is read line by line, ignoring lines that are not entries", () => {
    const text = [
      "root:x:0:0:root:/root:/bin/bash",
      "# comment:x:1:1:::",
      "+nis:x:2:2:::",
      "-nis:x:2:2:::",
      "",
      "short:x:3",
      "noid:x::4::/:/bin/sh",
      "text:x:five:5::/:/bin/sh",
      "negative:x:-1:5::/:/bin/sh",
      "few:x:6:6",
      "nobody:x:65534:65534:nobody, of course:/nonexistent:/usr/sbin/nologin",
      "_apt:x:42:65534::/nonexistent:/usr/sbin/nologin:more",
    ].join("\n");
    assert.deepEqual(parsePasswd(text), [
      { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/bash" },
      { name: "few", uid: 6, gid: 6, home: "", shell: "" },
      { name: "nobody", uid: 65534, gid: 65534, home: "/nonexistent", shell: "/usr/sbin/nologin" },
      { name: "_apt", uid: 42, gid: 65534, home: "/nonexistent", shell: "/usr/sbin/nologin" },
    ]);
    assert.deepEqual(parsePasswd(""), []);
  });

  it("round-trips an entry", () => {
    const entry = { name: "app", uid: 1001, gid: 1002, home: "/home/app", shell: "/sbin/nologin" };
    assert.equal(passwdLine(entry), "app:x:1001:1002::/home/app:/sbin/nologin");
    assert.deepEqual(parsePasswd(passwdLine(entry)), [entry]);
  });
});

describe("group", () => {
  it("is read with its members", () => {
    assert.deepEqual(parseGroup("root:x:0:\nadm:x:4:syslog,app\nodd:x:7:,a,,b,\n#no:x:1:\nshort:x:9\nbad:x:\n"), [
      { name: "root", gid: 0, members: [] },
      { name: "adm", gid: 4, members: ["syslog", "app"] },
      { name: "odd", gid: 7, members: ["a", "b"] },
      { name: "short", gid: 9, members: [] },
    ]);
  });

  it("round-trips an entry", () => {
    const entry = { name: "app", gid: 1001, members: ["a", "b"] };
    assert.equal(groupLine(entry), "app:x:1001:a,b");
    assert.deepEqual(parseGroup(groupLine(entry)), [entry]);
  });
});

describe("shadow files", () => {
  it("allow no password, and never ask for a new one", () => {
    assert.equal(shadowLine("app"), "app:!::0:99999:7:::");
    assert.equal(shadowLine("app").split(":").length, 9);
    assert.equal(gshadowLine("app", []), "app:!::");
    assert.equal(gshadowLine("app", ["a", "b"]), "app:!::a,b");
  });
});

describe("appended lines", () => {
  const table = [
    ["", ["a"], "a\n"],
    ["x\n", ["a", "b"], "x\na\nb\n"],
    ["x", ["a"], "x\na\n"],
    ["x", [], "x"],
    ["", [], ""],
    ["x\n\n", ["a"], "x\n\na\n"],
  ] as const;
  for (const [text, added, expected] of table) it(`follow ${JSON.stringify(text)}`, () => assert.equal(appendLines(text, added), expected));

  it("leave the existing text unchanged", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.array(fc.stringMatching(/^[a-z:]+$/), { minLength: 1, maxLength: 3 }),
        (text, added) => {
          const result = appendLines(text, added);
          assert.ok(result.startsWith(text));
          assert.ok(result.endsWith(`${added.join("\n")}\n`));
          assert.deepEqual(result.split("\n").slice(-added.length - 1, -1), added);
        },
      ),
    );
  });
});

describe("adding members", () => {
  const table = [
    ["adm:x:4:", ["a"], "adm:x:4:a"],
    ["adm:x:4:a", ["b"], "adm:x:4:a,b"],
    ["adm:x:4:a", ["a"], "adm:x:4:a"],
    ["adm:x:4:a,", ["b", "a"], "adm:x:4:a,b"],
    ["adm:x:4", ["a"], "adm:x:4:a"],
    ["admin:x:4:\nadm:x:5:\nxadm:x:6:", ["a"], "admin:x:4:\nadm:x:5:a\nxadm:x:6:"],
    ["adm:!::", ["a"], "adm:!::a"],
    ["adm:!:boss:x", ["a"], "adm:!:boss:x,a"],
    ["#adm:x:4:", ["a"], "#adm:x:4:"],
    ["adm:x", ["a"], "adm:x"],
    ["adm:x:4:\n", ["a"], "adm:x:4:a\n"],
  ] as const;
  for (const [text, members, expected] of table) {
    it(`appends ${members.join()} to ${JSON.stringify(text)}`, () => assert.equal(addMembers(text, "adm", members), expected));
  }

  it("adds a member once when it is named twice", () => {
    assert.equal(addMembers("adm:x:4:", "adm", ["a", "a"]), "adm:x:4:a");
  });
});
