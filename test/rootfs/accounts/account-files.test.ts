import fc from "fast-check";
import { describe, it } from "mocha";
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
import { expect } from "../../support/expectations.js";

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
    expect(parsePasswd(text)).to.deep.equal([
      { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/bash" },
      { name: "few", uid: 6, gid: 6, home: "", shell: "" },
      { name: "nobody", uid: 65534, gid: 65534, home: "/nonexistent", shell: "/usr/sbin/nologin" },
      { name: "_apt", uid: 42, gid: 65534, home: "/nonexistent", shell: "/usr/sbin/nologin" },
    ]);
    expect(parsePasswd("")).to.deep.equal([]);
  });

  it("round-trips an entry", () => {
    const entry = { name: "app", uid: 1001, gid: 1002, home: "/home/app", shell: "/sbin/nologin" };
    expect(passwdLine(entry)).to.equal("app:x:1001:1002::/home/app:/sbin/nologin");
    expect(parsePasswd(passwdLine(entry))).to.deep.equal([entry]);
  });
});

describe("group", () => {
  it("is read with its members", () => {
    expect(parseGroup("root:x:0:\nadm:x:4:syslog,app\nodd:x:7:,a,,b,\n#no:x:1:\nshort:x:9\nbad:x:\n")).to.deep.equal([
      { name: "root", gid: 0, members: [] },
      { name: "adm", gid: 4, members: ["syslog", "app"] },
      { name: "odd", gid: 7, members: ["a", "b"] },
      { name: "short", gid: 9, members: [] },
    ]);
  });

  it("round-trips an entry", () => {
    const entry = { name: "app", gid: 1001, members: ["a", "b"] };
    expect(groupLine(entry)).to.equal("app:x:1001:a,b");
    expect(parseGroup(groupLine(entry))).to.deep.equal([entry]);
  });
});

describe("shadow files", () => {
  it("allow no password, and never ask for a new one", () => {
    expect(shadowLine("app")).to.equal("app:!::0:99999:7:::");
    expect(shadowLine("app").split(":").length).to.equal(9);
    expect(gshadowLine("app", [])).to.equal("app:!::");
    expect(gshadowLine("app", ["a", "b"])).to.equal("app:!::a,b");
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
  for (const [text, added, expected] of table)
    it(`follow ${JSON.stringify(text)}`, () => expect(appendLines(text, added)).to.equal(expected));

  it("leave the existing text unchanged", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.array(fc.stringMatching(/^[a-z:]+$/), { minLength: 1, maxLength: 3 }),
        (text, added) => {
          const result = appendLines(text, added);
          expect(result.startsWith(text), result).to.equal(true);
          expect(result.endsWith(`${added.join("\n")}\n`), result).to.equal(true);
          expect(result.split("\n").slice(-added.length - 1, -1)).to.deep.equal(added);
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
    ["adm:x:4:a,a", ["b"], "adm:x:4:a,a,b"],
    ["adm:x:4:a,a", ["a"], "adm:x:4:a,a"],
  ] as const;
  for (const [text, members, expected] of table) {
    it(`appends ${members.join()} to ${JSON.stringify(text)}`, () => expect(addMembers(text, "adm", members)).to.equal(expected));
  }

  it("adds a member once when it is named twice", () => {
    expect(addMembers("adm:x:4:", "adm", ["a", "a"])).to.equal("adm:x:4:a");
  });
});
