import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { imageDatabases } from "../../../provider/rootfs/select/selection.js";
import { selectPaths } from "./select.js";
import { treeOf } from "../tree/made-tree.js";

const tools = treeOf(
  "opt/tools/bin/run",
  "opt/tools/bin/stop",
  "opt/tools/doc/a.md",
  "opt/tools/doc/b.txt",
  "opt/other",
  "usr/lib/x.so",
  "lib ->usr/lib",
);

const taken = (includes: readonly string[], excludes: readonly string[] = [], tree = tools): readonly string[] =>
  selectPaths(tree, includes, excludes).taken.map(([path]) => path);

const below = (folder: string): readonly string[] =>
  [...tools.walk()].map(([path]) => path).filter((path) => `${path}/`.startsWith(`${folder}/`));

describe("includes", () => {
  const table: readonly (readonly [readonly string[], readonly string[]])[] = [
    [["/opt/tools"], below("opt/tools")],
    [["opt/tools"], below("opt/tools")],
    [["/opt/tools/"], below("opt/tools")],
    [["//opt//./tools"], below("opt/tools")],
    [["/opt/tools/bin/run"], ["opt/tools/bin/run"]],
    [["/opt/tools/bin/*"], ["opt/tools/bin/run", "opt/tools/bin/stop"]],
    [["/opt/*/bin"], below("opt/tools/bin")],
    [["/opt/*/bin/"], below("opt/tools/bin")],
    [["./opt/*/bin"], below("opt/tools/bin")],
    [["/opt/t*"], below("opt/tools")],
    [["**/*.md"], ["opt/tools/doc/a.md"]],
    [["/opt/**"], below("opt").slice(1)],
    [["/opt/tools/doc/?.[mt]*"], ["opt/tools/doc/a.md", "opt/tools/doc/b.txt"]],
    [
      ["/opt/other", "/opt/tools/bin/run"],
      ["opt/other", "opt/tools/bin/run"],
    ],
    [["/opt/tools/bin", "/opt/tools/bin/run"], below("opt/tools/bin")],
    [["/lib/x.so"], ["usr/lib/x.so"]],
    [["/lib"], ["lib"]],
  ];
  for (const [includes, expected] of table)
    it(`select as specified: ${includes.join(" and ")}`, () => assert.deepEqual(taken(includes), expected));

  it("of the root select everything, also of an empty tree", () => {
    for (const root of ["/", ".", "//"]) {
      assert.deepEqual(
        taken([root]),
        [...tools.walk()].map(([path]) => path),
        root,
      );
      assert.deepEqual(taken([root], [], new FileTree()), []);
    }
  });

  it("may have ./, doubled slashes and a trailing slash, but not ..", () => {
    assert.deepEqual(taken(["./opt//*/"]), taken(["/opt/*"]));
    assert.throws(() => taken(["/opt/../*"]), { code: "invalid", message: '"/opt/../*" contains ".."' });
    assert.throws(() => taken([""]), { code: "invalid", message: '"" is not a path' });
  });

  it("select nothing when there are none", () => {
    assert.deepEqual(taken([]), []);
    assert.deepEqual(selectPaths(tools, [], ["x"]).uselessExcludes, [0]);
  });

  it("that match nothing are an error that names nearby paths", () => {
    const refused = [
      [["/opt", "/opt/tools/sbin"], 1, /"\/opt\/tools\/sbin" matches nothing; \/opt\/tools holds \/opt\/tools\/bin, \/opt\/tools\/doc$/],
      [["/nope"], 0, /^"\/nope" matches nothing$/],
      [["*.md"], 0, /^"\*\.md" matches nothing$/],
      [["/opt/tool"], 0, /; \/opt holds \/opt\/other, \/opt\/tools$/],
    ] as const;
    for (const [includes, at, message] of refused)
      assert.throws(() => selectPaths(tools, includes, []), { code: "not-found", property: `includes[${at}]`, message, hint: /glob/ });
    const wide = treeOf(...Array.from({ length: 8 }, (_, at) => `d/${at}`), "e/");
    assert.throws(() => selectPaths(wide, ["d/x"], []), { message: / \/d\/4 …$/ });
    assert.throws(() => selectPaths(wide, ["e/x"], []), { message: /; \/e is empty$/ });
  });

  it("that an exclude hides completely are not an error", () => {
    assert.deepEqual(taken(["/opt/other"], ["/opt"]), []);
  });

  it("match names as UTF-8 where they are valid UTF-8", () => {
    const tree = treeOf(Buffer.from("ä/ö.txt").toString("latin1"), "\xff\xfe");
    const named = (glob: string): readonly string[] => taken([glob], [], tree).map((path) => Buffer.from(path, "latin1").toString());
    assert.deepEqual(named("ä/?.txt"), ["ä/ö.txt"]);
    assert.deepEqual(named("/ä/ö.txt"), ["ä/ö.txt"]);
    assert.deepEqual(taken(["??"], [], tree), ["\xff\xfe"]);
  });
});

describe("excludes", () => {
  it("apply after includes, to a path and everything below it", () => {
    assert.deepEqual(taken(["/opt/tools"], ["/opt/tools/doc"]), ["opt/tools", "opt/tools/bin", "opt/tools/bin/run", "opt/tools/bin/stop"]);
    assert.deepEqual(taken(["/opt/tools/doc"], ["**/*.md"]), ["opt/tools/doc", "opt/tools/doc/b.txt"]);
    assert.deepEqual(taken(["/opt/tools/bin/run"], ["/"]), []);
    assert.deepEqual(taken(["/usr/lib"], ["/lib/x.so"]), ["usr/lib"]);
  });

  it("that hide nothing included are reported by their index", () => {
    const useless = (excludes: readonly string[]) => selectPaths(tools, ["/opt/tools"], excludes).uselessExcludes;
    assert.deepEqual(useless(["/opt/tools/doc", "/usr", "/none", "**/*.md", "**/*.xyz"]), [1, 2, 4]);
    assert.deepEqual(useless([]), []);
  });
});

describe("databases", () => {
  const system = treeOf(
    "etc/passwd",
    "etc/group-",
    "etc/hosts",
    "var/lib/dpkg/status",
    "var/lib/dpkg/info/a.list",
    "lib/apk/db/installed",
    "var/lib/x",
  );
  const select = (...includes: readonly string[]) => {
    const { taken: all, leftOut } = selectPaths(system, includes, [], imageDatabases);
    return { taken: all.map(([path]) => path).filter((path) => system.get(path)?.type === "file"), leftOut };
  };

  it("are left out of broader includes, and reported", () => {
    assert.deepEqual(select("/"), {
      taken: ["etc/hosts", "var/lib/x"],
      leftOut: [
        "etc/group-",
        "etc/passwd",
        "lib/apk/db",
        "lib/apk/db/installed",
        ...["", "/info", "/info/a.list", "/status"].map((rest) => `var/lib/dpkg${rest}`),
      ],
    });
    assert.deepEqual(select("/etc/*").leftOut, ["etc/group-", "etc/passwd"]);
    assert.deepEqual(select("/etc/passw?").taken, []);
  });

  it("are taken by an include that names them", () => {
    assert.deepEqual(select("/etc/passwd"), { taken: ["etc/passwd"], leftOut: [] });
    assert.deepEqual(select("/var/lib/dpkg"), { taken: ["var/lib/dpkg/info/a.list", "var/lib/dpkg/status"], leftOut: [] });
    assert.deepEqual(select("/var/lib/dpkg/status"), { taken: ["var/lib/dpkg/status"], leftOut: [] });
    assert.deepEqual(select("/etc", "/etc/passwd"), { taken: ["etc/hosts", "etc/passwd"], leftOut: ["etc/group-"] });
  });

  it("stay left out of a broader include when one of their files is named", () => {
    const { taken: files, leftOut } = select("/var", "/var/lib/dpkg/status");
    assert.deepEqual(files, ["var/lib/dpkg/status", "var/lib/x"]);
    assert.deepEqual(leftOut, ["var/lib/dpkg", "var/lib/dpkg/info", "var/lib/dpkg/info/a.list"]);
  });

  it("are ordinary files unless they are passed", () => {
    assert.deepEqual(selectPaths(system, ["/etc"], []).leftOut, []);
  });
});

describe("selections compared with a plain rule", () => {
  const name = fc.constantFrom("a", "b", "c");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  it("contain a path when it or a parent is included, and neither it nor a parent is excluded", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { minLength: 1, maxLength: 10 }),
        fc.array(path, { minLength: 1, maxLength: 3 }),
        fc.array(path, { maxLength: 3 }),
        (files, includes, excludes) => {
          const leaves = files.filter((file) => !files.some((other) => other.startsWith(`${file}/`)));
          const tree = treeOf(...leaves);
          const all = [...tree.walk()].map(([at]) => at);
          const covers = (rules: readonly string[], at: string): boolean => rules.some((rule) => `${at}/`.startsWith(`${rule}/`));
          const lost = includes.findIndex((rule) => !all.includes(rule));
          if (lost >= 0) {
            assert.throws(() => selectPaths(tree, includes, excludes), { property: `includes[${lost}]` });
            return;
          }
          const found = selectPaths(tree, includes, excludes);
          const included = all.filter((at) => covers(includes, at));
          assert.deepEqual(
            found.taken.map(([at]) => at),
            included.filter((at) => !covers(excludes, at)),
          );
          assert.deepEqual(
            found.uselessExcludes,
            [...excludes.keys()].filter((at) => !included.some((one) => covers([excludes[at] ?? ""], one))),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
