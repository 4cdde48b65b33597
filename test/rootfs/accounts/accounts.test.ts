import fc from "fast-check";
import { describe, it } from "mocha";
import { parseGroup, parsePasswd } from "../../../provider/rootfs/accounts/account-files.js";
import {
  editAccounts,
  findUser,
  type AccountFiles,
  type GroupRequest,
  type UserRequest,
} from "../../../provider/rootfs/accounts/accounts.js";
import { expect, expectThat } from "../../support/expectations.js";

const debian: AccountFiles = {
  passwd: "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n",
  group: "root:x:0:\nwww-data:x:33:\nadm:x:4:www-data\n",
  shadow: "root:*:19000:0:99999:7:::\nwww-data:*:19000:0:99999:7:::\n",
  gshadow: "root:*::\nwww-data:*::\nadm:*::www-data\n",
};
const empty: AccountFiles = { passwd: undefined, group: undefined, shadow: undefined, gshadow: undefined };

const user = (name: string, uid: number, more: Partial<UserRequest> = {}): UserRequest => ({ groups: [], ...more, name, uid });
const group = (name: string, gid: number, members: readonly string[] = []): GroupRequest => ({ name, gid, members });
const edit = (users: readonly UserRequest[], groups: readonly GroupRequest[] = [], files = debian) =>
  editAccounts(files, groups, users, "/usr/sbin/nologin");

describe("account edits", () => {
  it("leave the files unchanged when nothing is requested", () => {
    expect(edit([])).to.deep.equal({ added: [], files: debian });
    expect(edit([], [], empty)).to.deep.equal({ added: [], files: empty });
  });

  it("add a user with a group of its own to all four files", () => {
    const { files, added } = edit([user("app", 1001)]);
    expect(added).to.deep.equal([{ name: "app", uid: 1001, gid: 1001, home: "/home/app", shell: "/usr/sbin/nologin" }]);
    expect(files.passwd).to.equal(`${debian.passwd ?? ""}app:x:1001:1001::/home/app:/usr/sbin/nologin\n`);
    expect(files.group).to.equal(`${debian.group ?? ""}app:x:1001:\n`);
    expect(files.shadow).to.equal(`${debian.shadow ?? ""}app:!::0:99999:7:::\n`);
    expect(files.gshadow).to.equal(`${debian.gshadow ?? ""}app:!::\n`);
  });

  it("create passwd and group where they are missing, but never shadow files", () => {
    const { files } = edit([user("app", 1001)], [], empty);
    expect(files).to.deep.equal({
      passwd: "app:x:1001:1001::/home/app:/usr/sbin/nologin\n",
      group: "app:x:1001:\n",
      shadow: undefined,
      gshadow: undefined,
    });
    expect(edit([], [group("g", 5)], empty).files).to.deep.equal({ ...empty, group: "g:x:5:\n" });
  });

  const gids: readonly (readonly [string, UserRequest, readonly GroupRequest[], number])[] = [
    ["the declared gid", user("app", 1001, { gid: 33 }), [], 33],
    ["the listed group of its name", user("app", 1001), [group("app", 2000)], 2000],
    ["the existing group of its name", user("adm", 1001), [], 4],
    ["the declared gid before the listed group", user("app", 1001, { gid: 0 }), [group("app", 2000)], 0],
    ["a gid like its uid", user("app", 1001), [group("other", 2000)], 1001],
  ];
  for (const [what, request, groups, gid] of gids) {
    it(`give a user ${what}`, () => {
      const { files } = edit([request], groups);
      expect(parsePasswd(files.passwd ?? "").find(({ name }) => name === request.name)?.gid).to.equal(gid);
      expect(parseGroup(files.group ?? "").some((entry) => entry.gid === gid)).to.equal(true);
    });
  }

  it("create a group for a declared gid that has none", () => {
    expect(edit([user("app", 1001, { gid: 2000 })]).files.group ?? "").to.match(/^app:x:2000:$/m);
  });

  it("use home and shell as declared", () => {
    expect(edit([user("app", 7, { home: "/srv/app", shell: "/bin/sh" })]).added[0]).to.deep.equal({
      name: "app",
      uid: 7,
      gid: 7,
      home: "/srv/app",
      shell: "/bin/sh",
    });
  });

  it("add members to new and existing groups, in group and gshadow", () => {
    const { files } = edit([user("app", 1001, { groups: ["adm", "team"] })], [group("team", 2000, ["www-data", "app"])]);
    expect(files.group ?? "").to.match(/^adm:x:4:www-data,app$/m);
    expect(files.group ?? "").to.match(/^team:x:2000:www-data,app$/m);
    expect(files.gshadow ?? "").to.match(/^adm:\*::www-data,app$/m);
    expect(files.gshadow ?? "").to.match(/^team:!::www-data,app$/m);
    expect(edit([], [group("adm", 4, ["root"])]).files.group ?? "").to.match(/^adm:x:4:www-data,root$/m);
  });

  it("accept existing entries that are as declared", () => {
    const accepted = edit(
      [user("www-data", 33, { gid: 33, home: "/var/www", shell: "/usr/sbin/nologin", groups: ["adm"] })],
      [group("adm", 4)],
    );
    expect(accepted).to.deep.equal({ added: [], files: debian });
    expect(edit([user("www-data", 33)]).files).to.deep.equal(debian);
    expect(edit([user("app", 7), user("app", 7)]).added.length).to.deep.equal(1);
  });

  const refused: readonly (readonly [readonly UserRequest[], readonly GroupRequest[], string, string, RegExp])[] = [
    [[user("www-data", 34)], [], "conflict", "users[0]", /"www-data" already exists with uid 33, not 34/],
    [[user("www-data", 33, { gid: 4 })], [], "conflict", "users[0]", /with gid 33, not 4/],
    [[user("www-data", 33, { home: "/x" })], [], "conflict", "users[0]", /with home \/var\/www, not \/x/],
    [[user("www-data", 33, { shell: "/bin/sh" })], [], "conflict", "users[0]", /with shell \/usr\/sbin\/nologin, not \/bin\/sh/],
    [[user("ok", 9), user("app", 33)], [], "conflict", "users[1]", /uid 33 of the user "app" belongs to the user "www-data"/],
    [[user("a", 9), user("b", 9)], [], "conflict", "users[1]", /belongs to the user "a"/],
    [[user("adm", 9, { gid: 2000 })], [], "conflict", "users[0]", /gid 2000 of the user "adm" has no group/],
    [[], [group("adm", 5)], "conflict", "groups[0]", /"adm" already exists with gid 4, not 5/],
    [[], [group("ok", 9), group("app", 4)], "conflict", "groups[1]", /gid 4 of the group "app" belongs to the group "adm"/],
    [[], [group("app", 9, ["root", "who"])], "not-found", "groups[0].members[1]", /no user "who"/],
    [[user("app", 9, { groups: ["root", "none"] })], [], "not-found", "users[0].groups[1]", /no group "none"/],
  ];
  for (const [users, groups, code, property, message] of refused) {
    it(`reject: ${String(message)}`, () => {
      expect(() => edit(users, groups)).to.throwError((thrown: { hint: string; code: string; property: string; message: string }) => {
        expect([thrown.code, thrown.property]).to.deep.equal([code, property]);
        expect(thrown.message).to.match(message);
        return typeof thrown.hint === "string";
      });
    });
  }
});

describe("account edits of arbitrary files", () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9-]{0,5}$/);
  const odd = fc.constantFrom(
    "",
    "# comment",
    "+::::::",
    "broken",
    "root:x:0:0:root:/root:/bin/sh",
    "daemon:x:1:\xe4\xff",
    "spaced :x:9:9:::",
  );
  const people = fc.uniqueArray(fc.tuple(name, fc.integer({ min: 1000, max: 1010 })), { maxLength: 4, selector: ([one]) => one });
  const text = fc.array(odd, { maxLength: 5 }).map((lines) => lines.join("\n"));

  it("contain the requested entries and every existing line", () => {
    fc.assert(
      fc.property(text, text, people, people, fc.boolean(), (passwd, groupText, users, groups, shadows) => {
        const files = {
          passwd,
          group: groupText,
          shadow: shadows ? "root:*:1:0:99999:7:::" : undefined,
          gshadow: shadows ? "root:*::" : undefined,
        };
        const members = users.slice(0, 1).map(([one]) => one);
        const wanted = groups.map(([one, gid]) => group(one, gid, members));
        let result: ReturnType<typeof editAccounts>;
        try {
          result = editAccounts(
            files,
            wanted,
            users.map(([one, uid]) => user(one, uid)),
            "/sbin/nologin",
          );
        } catch (thrown) {
          expect((thrown as { code: string }).code).to.match(/^conflict$/);
          return;
        }
        const after = result.files;
        const entries = parsePasswd(after.passwd ?? "");
        const allGroups = parseGroup(after.group ?? "");
        for (const [one, uid] of users) {
          const entry = entries.find((found) => found.name === one);
          expect(entry?.uid).to.equal(uid);
          expectThat(entry !== undefined);
          expect(allGroups.some(({ gid }) => gid === entry.gid)).to.equal(true);
        }
        for (const [one, gid] of groups) {
          const entry = allGroups.find((found) => found.name === one);
          expect(entry?.gid).to.equal(gid);
          expectThat(entry !== undefined);
          for (const member of members) expect(entry.members).to.include(member);
        }
        expect(after.passwd?.startsWith(passwd)).to.equal(true);
        expect(after.group?.startsWith(groupText)).to.equal(true);
        if (shadows) for (const [one] of users) expect(after.shadow ?? "").to.match(new RegExp(`^${one}:!:`, "m"));
        expect(after.shadow === undefined).to.equal(!shadows);
        for (const [one] of users) expect(entries.filter((entry) => entry.name === one).length).to.equal(1);
      }),
      { numRuns: 400 },
    );
  });

  it("are idempotent", () => {
    fc.assert(
      fc.property(people, people, (users, groups) => {
        const requests = [
          groups.map(([one, gid]) =>
            group(
              one,
              gid,
              users.map(([member]) => member),
            ),
          ),
          users.map(([one, uid]) => user(one, uid)),
        ] as const;
        let once: ReturnType<typeof editAccounts>;
        try {
          once = editAccounts(debian, ...requests, "/sbin/nologin");
        } catch {
          return;
        }
        const twice = editAccounts(once.files, ...requests, "/sbin/nologin");
        expect(twice).to.deep.equal({ added: [], files: once.files });
      }),
    );
  });
});

describe("findUser", () => {
  it("looks up by name, then by number", () => {
    expect(findUser(debian.passwd, "www-data").uid).to.equal(33);
    expect(findUser(debian.passwd, "33").name).to.equal("www-data");
    expect(findUser("33:x:5:5::/:/x\nother:x:33:33::/:/x\n", "33").uid).to.equal(5);
  });

  it("lists the existing users in its error", () => {
    const error = { code: "not-found", property: "runAs" };
    expect(() => findUser(debian.passwd, "app")).to.throwError({ ...error, message: 'the image has no user "app"; it has root, www-data' });
    expect(() => findUser(undefined, "app")).to.throwError({ ...error, message: 'the image has no user "app"; it has no users' });
    const many = Array.from({ length: 9 }, (_, at) => `u${at}:x:${at}:0:::`).join("\n");
    expect(() => findUser(many, "x")).to.throwError({ message: /u0, u1, u2, u3, u4, u5, u6, u7 …$/ });
    expect(() => findUser(debian.passwd, "0033")).to.throwError(error);
  });
});
