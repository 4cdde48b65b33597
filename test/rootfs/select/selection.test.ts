import fc from "fast-check";
import { describe, it } from "mocha";
import { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { imageDatabases } from "../../../provider/rootfs/select/selection.js";
import { expect } from "../../support/expectations.js";
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
    it(`select as specified: ${includes.join(" and ")}`, () => expect(taken(includes)).to.deep.equal(expected));

  it("of the root select everything, also of an empty tree", () => {
    for (const root of ["/", ".", "//"]) {
      expect(taken([root]), root).to.deep.equal([...tools.walk()].map(([path]) => path));
      expect(taken([root], [], new FileTree())).to.deep.equal([]);
    }
  });

  it("may have ./, doubled slashes and a trailing slash, but not ..", () => {
    expect(taken(["./opt//*/"])).to.deep.equal(taken(["/opt/*"]));
    expect(() => taken(["/opt/../*"])).to.throwError({ code: "invalid", message: '"/opt/../*" contains ".."' });
    expect(() => taken([""])).to.throwError({ code: "invalid", message: '"" is not a path' });
  });

  it("select nothing when there are none", () => {
    expect(taken([])).to.deep.equal([]);
    expect(selectPaths(tools, [], ["x"]).uselessExcludes).to.deep.equal([0]);
  });

  it("that match nothing are an error that names nearby paths", () => {
    const refused = [
      [["/opt", "/opt/tools/sbin"], 1, /"\/opt\/tools\/sbin" matches nothing; \/opt\/tools holds \/opt\/tools\/bin, \/opt\/tools\/doc$/],
      [["/nope"], 0, /^"\/nope" matches nothing$/],
      [["*.md"], 0, /^"\*\.md" matches nothing$/],
      [["/opt/tool"], 0, /; \/opt holds \/opt\/other, \/opt\/tools$/],
    ] as const;
    for (const [includes, at, message] of refused)
      expect(() => selectPaths(tools, includes, [])).to.throwError({
        code: "not-found",
        property: `includes[${at}]`,
        message,
        hint: /glob/,
      });
    const wide = treeOf(...Array.from({ length: 8 }, (_, at) => `d/${at}`), "e/");
    expect(() => selectPaths(wide, ["d/x"], [])).to.throwError({ message: / \/d\/4 …$/ });
    expect(() => selectPaths(wide, ["e/x"], [])).to.throwError({ message: /; \/e is empty$/ });
  });

  it("that an exclude hides completely are not an error", () => {
    expect(taken(["/opt/other"], ["/opt"])).to.deep.equal([]);
  });

  it("match names as UTF-8 where they are valid UTF-8", () => {
    const tree = treeOf(Buffer.from("ä/ö.txt").toString("latin1"), "\xff\xfe");
    const named = (glob: string): readonly string[] => taken([glob], [], tree).map((path) => Buffer.from(path, "latin1").toString());
    expect(named("ä/?.txt")).to.deep.equal(["ä/ö.txt"]);
    expect(named("/ä/ö.txt")).to.deep.equal(["ä/ö.txt"]);
    expect(taken(["??"], [], tree)).to.deep.equal(["\xff\xfe"]);
  });
});

describe("excludes", () => {
  it("apply after includes, to a path and everything below it", () => {
    expect(taken(["/opt/tools"], ["/opt/tools/doc"])).to.deep.equal([
      "opt/tools",
      "opt/tools/bin",
      "opt/tools/bin/run",
      "opt/tools/bin/stop",
    ]);
    expect(taken(["/opt/tools/doc"], ["**/*.md"])).to.deep.equal(["opt/tools/doc", "opt/tools/doc/b.txt"]);
    expect(taken(["/opt/tools/bin/run"], ["/"])).to.deep.equal([]);
    expect(taken(["/usr/lib"], ["/lib/x.so"])).to.deep.equal(["usr/lib"]);
  });

  it("that hide nothing included are reported by their index", () => {
    const useless = (excludes: readonly string[]) => selectPaths(tools, ["/opt/tools"], excludes).uselessExcludes;
    expect(useless(["/opt/tools/doc", "/usr", "/none", "**/*.md", "**/*.xyz"])).to.deep.equal([1, 2, 4]);
    expect(useless([])).to.deep.equal([]);
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
    expect(select("/")).to.deep.equal({
      taken: ["etc/hosts", "var/lib/x"],
      leftOut: [
        "etc/group-",
        "etc/passwd",
        "lib/apk/db",
        "lib/apk/db/installed",
        ...["", "/info", "/info/a.list", "/status"].map((rest) => `var/lib/dpkg${rest}`),
      ],
    });
    expect(select("/etc/*").leftOut).to.deep.equal(["etc/group-", "etc/passwd"]);
    expect(select("/etc/passw?").taken).to.deep.equal([]);
  });

  it("are taken by an include that names them", () => {
    expect(select("/etc/passwd")).to.deep.equal({ taken: ["etc/passwd"], leftOut: [] });
    expect(select("/var/lib/dpkg")).to.deep.equal({ taken: ["var/lib/dpkg/info/a.list", "var/lib/dpkg/status"], leftOut: [] });
    expect(select("/var/lib/dpkg/status")).to.deep.equal({ taken: ["var/lib/dpkg/status"], leftOut: [] });
    expect(select("/etc", "/etc/passwd")).to.deep.equal({ taken: ["etc/hosts", "etc/passwd"], leftOut: ["etc/group-"] });
  });

  it("stay left out of a broader include when one of their files is named", () => {
    const { taken: files, leftOut } = select("/var", "/var/lib/dpkg/status");
    expect(files).to.deep.equal(["var/lib/dpkg/status", "var/lib/x"]);
    expect(leftOut).to.deep.equal(["var/lib/dpkg", "var/lib/dpkg/info", "var/lib/dpkg/info/a.list"]);
  });

  it("are ordinary files unless they are passed", () => {
    expect(selectPaths(system, ["/etc"], []).leftOut).to.deep.equal([]);
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
            expect(() => selectPaths(tree, includes, excludes)).to.throwError({ property: `includes[${lost}]` });
            return;
          }
          const found = selectPaths(tree, includes, excludes);
          const included = all.filter((at) => covers(includes, at));
          expect(found.taken.map(([at]) => at)).to.deep.equal(included.filter((at) => !covers(excludes, at)));
          expect(found.uselessExcludes).to.deep.equal(
            [...excludes.keys()].filter((at) => !included.some((one) => covers([excludes[at] ?? ""], one))),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
