import { describe, it } from "mocha";
import { variablesOf } from "../../../provider/image/config.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { LocalSources } from "../../../provider/pipeline/sources/local-sources.js";
import type { ImageSpec } from "../../../provider/pipeline/spec/image-spec.js";
import { needsTree } from "../../../provider/pipeline/plan/plan.js";
import { defaultDirectory, FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import type { FileNode } from "../../../provider/rootfs/tree/node.js";
import { expect } from "../../support/expectations.js";
import { plain } from "../../support/tar/entries.js";
import { artifact, debian, file, kinds, parseContent, plan, text, treeOf } from "./planning.js";

const specOf = (content: object): ImageSpec => ({
  base: undefined,
  destination: parseRepository("a/b"),
  tags: [{ tag: "1", property: "tag" }],
  inputs: parseContent(content),
});

describe("a plan", () => {
  it("without content has no layers, and edits the config", () => {
    const made = plan({
      environment: { A: "1", B: null },
      labels: { l: "m" },
      workingDirectory: "/srv",
      cmd: ["x"],
      entrypoint: { mode: "clear" },
    });
    expect(made.layers).to.deep.equal([]);
    expect(made.notices).to.deep.equal([]);
    expect(made.config.execution).to.deep.equal({ Env: ["PATH=/bin", "A=1"], Cmd: ["x"], WorkingDir: "/srv", Labels: { l: "m" } });
  });

  it("needs the files of the base only when an input depends on them", () => {
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
    for (const content of needing) expect(needsTree(specOf(content)), JSON.stringify(content)).to.equal(true);
    expect(needsTree({ ...specOf({}), upgradeInstalled: true })).to.equal(true);
    for (const content of [{}, { environment: { A: "1" } }, { cmd: ["x"] }, { labels: {} }, { scripts: [] }, { compression: "zstd" }]) {
      expect(needsTree(specOf(content)), JSON.stringify(content)).to.equal(false);
    }
  });

  it("has one layer for each artifact in declared order, then one for everything else", () => {
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
    expect(made.layers.map(({ title }) => title)).to.deep.equal(["artifact ghcr.io/one:1", "artifact ghcr.io/two", "files"]);
    expect(variablesOf(made.config)).to.deep.equal(["PATH=/bin", "X=1"]);
    const { uid, gid, mode, mtime } = made.tree.get("s") ?? plain;
    expect([uid, gid, mode, mtime]).to.deep.equal([1, 2, 0o4750, 0]);
  });

  it("lets files overwrite those of directories, scripts overwrite files, and both overwrite artifacts, and reports only overwritten files of the base", () => {
    const node = (content: string): FileNode => file(content);
    const local: LocalSources = {
      files: [node("file")],
      directories: [{ tree: new FileTree(), selection: { taken: [["x", node("directory")]], uselessExcludes: [], leftOut: [] } }],
      digests: {},
    };
    const wanted = { ...artifact(["/etc"]), directories: [{ path: "/etc", source: "d" }], files: [{ path: "/etc/x", source: "f" }] };
    const source = { tree: treeOf({ "etc/x": file("artifact"), "etc/conf": file("artifact") }) };
    expect(text(plan(wanted, [source], local).tree, "etc/x")).to.equal("file");
    const made = plan({ ...wanted, scripts: [{ path: "/etc/x", content: "script", uid: 0, gid: 0, mode: "0644" }] }, [source], local);
    expect(text(made.tree, "etc/x")).to.equal("script");
    expect(kinds(made)).to.deep.equal(["overwritten /etc/conf"]);
    expect(text(debian, "etc/conf")).to.equal("old");
  });
});

describe("directories and files", () => {
  const at = (path: string, directory: object) => plan({ directories: [{ path, ...directory }] }).tree.get(path.slice(1));

  it("are created with mode 0755 and owner root, or as declared", () => {
    expect(at("/new/d", {})).to.deep.equal(defaultDirectory);
    expect(at("/new/d", { uid: 1, gid: 2, mode: "2775" })).to.deep.equal({ ...defaultDirectory, uid: 1, gid: 2, mode: 0o2775 });
  });

  it("that exist are left unchanged unless attributes are declared", () => {
    expect(at("/tmp", {})?.mode).to.equal(0o1777);
    expect(at("/tmp", { mode: "0700" })?.mode).to.equal(0o700);
    expect(plan({ directories: [{ path: "/tmp" }] }).layers.length).to.equal(0);
    expect(() => at("/etc/conf", {})).to.throwError({ code: "conflict", property: "directories[0]" });
  });

  it("of local trees have the selected files with the declared owners", () => {
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
    expect([made.tree.get("opt/d")?.uid, made.tree.get("opt/d/s")?.uid, made.tree.get("opt/d/s/f")?.uid]).to.deep.equal([9, 9, 9]);
    expect(made.tree.get("opt/d/s/f")?.mode).to.equal(0o755);
    expect(made.notices).to.deep.equal([{ kind: "useless-exclude", message: 'the exclude "zz" excludes nothing of ./d' }]);
    expect(text(plan({ directories: [{ path: "/", source: "./d" }] }, [], local).tree, "s/f")).to.equal("local");
  });

  it("have the declared owner and mode, or root and the executable bit of the file", () => {
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
    expect(facts).to.deep.equal([
      [0, 0, 0o755],
      [1, 2, 0o400],
    ]);
    expect(() => plan({ files: [{ path: "/tmp", source: "a" }] }, [], local)).to.throwError({
      code: "conflict",
      property: "files[0]",
      origin: "inputs",
    });
  });

  it("are rejected when a script would replace a directory", () => {
    const scripts = [{ path: "/usr/lib", content: "", uid: 0, gid: 0, mode: "0755" }];
    expect(() => plan({ scripts })).to.throwError({
      code: "conflict",
      property: "scripts[0]",
      message: "/usr/lib is a file and cannot replace a directory",
    });
  });
});
