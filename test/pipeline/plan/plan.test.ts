import { strict as assert } from "node:assert";
import { describe, it } from "node:test";
import { variablesOf } from "../../../provider/image/config.js";
import type { LocalSources } from "../../../provider/pipeline/sources/local-sources.js";
import { needsTree } from "../../../provider/pipeline/plan/plan.js";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";
import { plain } from "../../support/tar/entries.js";
import { artifact, debian, file, kinds, parseContent, plan, text, treeOf } from "./planning.js";

describe("a plan", () => {
  it("of nothing has no layers, and edits the config", () => {
    const made = plan({
      environment: { A: "1", B: null },
      labels: { l: "m" },
      workingDirectory: "/srv",
      cmd: ["x"],
      entrypoint: { mode: "clear" },
    });
    assert.deepEqual(made.layers, []);
    assert.deepEqual(made.notices, []);
    assert.deepEqual(made.config.execution, { Env: ["PATH=/bin", "A=1"], Cmd: ["x"], WorkingDir: "/srv", Labels: { l: "m" } });
  });

  it("needs the base's files exactly where something stands on them", () => {
    const needing = [
      { artifacts: [{ image: "a:1", includes: ["/x"] }] },
      { scripts: [{ path: "/x", content: "", uid: 0, gid: 0, mode: "0755" }] },
      { files: [{ path: "/x", source: "x" }] },
      { directories: [{ path: "/x" }] },
      { users: [{ name: "a", uid: 1 }] },
      { groups: [{ name: "a", gid: 1 }] },
      { runAs: "root" },
      { runAs: 0 },
    ];
    for (const content of needing) assert.equal(needsTree(parseContent(content)), true, JSON.stringify(content));
    for (const content of [{}, { environment: { A: "1" } }, { cmd: ["x"] }, { labels: {} }, { scripts: [] }, { compression: "zstd" }]) {
      assert.equal(needsTree(parseContent(content)), false, JSON.stringify(content));
    }
  });

  it("has one layer an artifact in the order listed, then one for the rest", () => {
    const source = treeOf({ "opt/a": file("a"), "opt/b": file("b") });
    const made = plan(
      {
        artifacts: [
          { image: "ghcr.io/one:1", includes: ["/opt/a"] },
          { image: `ghcr.io/two@sha256:${"a".repeat(64)}`, includes: ["/opt/b"] },
        ],
        scripts: [{ path: "/s", content: "s", uid: 1, gid: 2, mode: "4750" }],
      },
      [{ tree: source }, { tree: source, environment: ["X=1"] }],
    );
    assert.deepEqual(
      made.layers.map(({ title }) => title),
      ["artifact ghcr.io/one:1", "artifact ghcr.io/two", "files"],
    );
    assert.deepEqual(variablesOf(made.config), ["PATH=/bin", "X=1"]);
    const { uid, gid, mode, mtime } = made.tree.get("s") ?? plain;
    assert.deepEqual([uid, gid, mode, mtime], [1, 2, 0o4750, 0]);
  });

  it("later wins: files over directories' files, scripts over files, all over artifacts, and only the base's are told", () => {
    const node = (content: string): FileNode => file(content);
    const local: LocalSources = {
      files: [node("file")],
      directories: [{ tree: new FileTree(), selection: { taken: [["x", node("directory")]], uselessExcludes: [], leftOut: [] } }],
      digests: {},
    };
    const wanted = { ...artifact(["/etc"]), directories: [{ path: "/etc", source: "d" }], files: [{ path: "/etc/x", source: "f" }] };
    const source = { tree: treeOf({ "etc/x": file("artifact"), "etc/conf": file("artifact") }) };
    assert.equal(text(plan(wanted, [source], local).tree, "etc/x"), "file");
    const made = plan({ ...wanted, scripts: [{ path: "/etc/x", content: "script", uid: 0, gid: 0, mode: "0644" }] }, [source], local);
    assert.equal(text(made.tree, "etc/x"), "script");
    assert.deepEqual(kinds(made), ["overwritten /etc/conf"]);
    assert.equal(text(debian, "etc/conf"), "old");
  });
});

describe("directories and files", () => {
  const at = (path: string, directory: object) => plan({ directories: [{ path, ...directory }] }).tree.get(path.slice(1));

  it("are made 0755 root, or as declared", () => {
    assert.deepEqual(at("/new/d", {}), defaultDirectory);
    assert.deepEqual(at("/new/d", { uid: 1, gid: 2, mode: "2775" }), { ...defaultDirectory, uid: 1, gid: 2, mode: 0o2775 });
  });

  it("that are there stay as they are unless declared", () => {
    assert.equal(at("/tmp", {})?.mode, 0o1777);
    assert.equal(at("/tmp", { mode: "0700" })?.mode, 0o700);
    assert.equal(plan({ directories: [{ path: "/tmp" }] }).layers.length, 0);
    assert.throws(() => at("/etc/conf", {}), { code: "conflict", property: "directories[0]" });
  });

  it("of local trees bring what was taken, with owners that were declared", () => {
    const taken = [
      ["s", defaultDirectory],
      ["s/f", file("local", { mode: 0o755 })],
    ] as const;
    const local: LocalSources = {
      files: [],
      directories: [{ tree: new FileTree(), selection: { taken, uselessExcludes: [0], leftOut: [] } }],
      digests: {},
    };
    const made = plan({ directories: [{ path: "/opt/d", source: "./d", excludes: ["zz"], uid: 9 }] }, [], local);
    assert.deepEqual([made.tree.get("opt/d")?.uid, made.tree.get("opt/d/s")?.uid, made.tree.get("opt/d/s/f")?.uid], [9, 9, 9]);
    assert.equal(made.tree.get("opt/d/s/f")?.mode, 0o755);
    assert.deepEqual(made.notices, [{ kind: "useless-exclude", message: 'the exclude "zz" hides nothing of ./d' }]);
    assert.equal(text(plan({ directories: [{ path: "/", source: "./d" }] }, [], local).tree, "s/f"), "local");
  });

  it("files have the declared owner and mode, else root and their executable bit", () => {
    const local: LocalSources = { files: [file("1", { mode: 0o755 }), file("2")], directories: [], digests: {} };
    const made = plan(
      {
        files: [
          { path: "/a", source: "a" },
          { path: "/b", source: "b", uid: 1, gid: 2, mode: "0400" },
        ],
      },
      [],
      local,
    );
    const facts = ["a", "b"].map((path) => made.tree.get(path)).map((node) => [node?.uid, node?.gid, node?.mode]);
    assert.deepEqual(facts, [
      [0, 0, 0o755],
      [1, 2, 0o400],
    ]);
    assert.throws(() => plan({ files: [{ path: "/tmp", source: "a" }] }, [], local), {
      code: "conflict",
      property: "files[0]",
      origin: "inputs",
    });
  });

  it("scripts over a directory are refused by name", () => {
    const scripts = [{ path: "/usr/lib", content: "", uid: 0, gid: 0, mode: "0755" }];
    assert.throws(() => plan({ scripts }), {
      code: "conflict",
      property: "scripts[0]",
      message: "/usr/lib is a file and cannot replace a directory",
    });
  });
});
