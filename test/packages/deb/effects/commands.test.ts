import { describe, it } from "mocha";
import { AccountBook } from "../../../../provider/packages/scripts/account-book.js";
import { updateAlternatives } from "../../../../provider/packages/deb/effects/alternatives.js";
import { dpkgCommands } from "../../../../provider/packages/deb/effects/dpkg-commands.js";
import { capabilityXattr } from "../../../../provider/packages/scripts/commands/file-capabilities.js";
import { changeMode } from "../../../../provider/packages/scripts/commands/file-mode.js";
import { serviceCommands } from "../../../../provider/packages/deb/effects/service-commands.js";
import { updateShells } from "../../../../provider/packages/deb/effects/shells.js";
import { RootEditor } from "../../../../provider/packages/root/root-editor.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import { expect, expectThat } from "../../../support/expectations.js";
import { textOf, treeOf } from "../../../support/packages/roots.js";

function editorOf(files: Readonly<Record<string, string>>): RootEditor {
  const tree = treeOf(files);
  return new RootEditor(tree, new LayerDraft(tree, tree.fork()));
}

it("modes are applied as by chmod", () => {
  const modes = [
    ["2755", 0, false, 0o2755],
    ["755", 0o2700, true, 0o2755],
    ["u+s", 0o755, false, 0o4755],
    ["g-w,o=", 0o775, false, 0o750],
    ["a+rX", 0o600, false, 0o644],
    ["a+rX", 0o700, true, 0o755],
    ["+t", 0o777, true, 0o1777],
    ["u=rwx,g=rx", 0, false, 0o750],
    ["frob", 0, false, undefined],
  ] as const;
  for (const [text, old, directory, expected] of modes) expect(changeMode(text, old, directory), text).to.equal(expected);
});

it("capabilities are encoded as by setcap", () => {
  // getfattr -e hex -n security.capability of a file after `setcap cap_net_raw+ep`.
  expect(Buffer.from(capabilityXattr("cap_net_raw+ep") ?? "", "latin1").toString("hex")).to.equal(
    "0100000200200000000000000000000000000000",
  );
  expect(Buffer.from(capabilityXattr("cap_bpf,cap_chown=p") ?? "", "latin1").toString("hex")).to.equal(
    "0000000201000000000000008000000000000000",
  );
  expect(capabilityXattr("cap_fly+ep")).to.equal(undefined);
});

describe("update-alternatives", () => {
  const files = { "usr/bin/a1": "", "usr/bin/a2": "", "m/a2.1": "" };
  const install = (path: string, priority: string, ...slave: readonly string[]): readonly string[] => [
    "--install",
    "/usr/bin/a",
    "a",
    path,
    priority,
    ...slave,
  ];

  it("the registry is as dpkg writes it, links lead to the highest priority, a slave without its file has none", () => {
    const editor = editorOf(files);
    const run = updateAlternatives(editor);
    expect(
      run(install("/usr/bin/a2", "10", "--slave", "/m/a.1", "a.1", "/m/a2.1", "--slave", "/m/a.0", "a.0", "/m/none"))?.status,
    ).to.equal(0);
    expect(run(install("/usr/bin/a1", "5"))?.status).to.equal(0);
    expect(textOf(editor.tree, "var/lib/dpkg/alternatives/a")).to.equal(
      "auto\n/usr/bin/a\na.0\n/m/a.0\na.1\n/m/a.1\n\n/usr/bin/a1\n5\n\n\n/usr/bin/a2\n10\n/m/none\n/m/a2.1\n\n",
    );
    const links = ["usr/bin/a", "etc/alternatives/a", "m/a.1", "etc/alternatives/a.1", "m/a.0"].map(
      (path) => editor.tree.get(path)?.target,
    );
    expect(links).to.deep.equal(["/etc/alternatives/a", "/usr/bin/a2", "/etc/alternatives/a.1", "/m/a2.1", undefined]);
  });

  it("a registry is extended; a manual choice is not changed", () => {
    const registry = "auto\n/usr/bin/a\n\n/usr/bin/a1\n5\n\n";
    const editor = editorOf({
      ...files,
      "var/lib/dpkg/alternatives/a": registry,
      "var/lib/dpkg/alternatives/b": registry.replace("auto", "manual"),
    });
    const run = updateAlternatives(editor);
    expect(run(install("/usr/bin/a2", "10"))?.status).to.equal(0);
    expect(textOf(editor.tree, "var/lib/dpkg/alternatives/a")).to.equal("auto\n/usr/bin/a\n\n/usr/bin/a1\n5\n/usr/bin/a2\n10\n\n");
    expect(run(["--install", "/usr/bin/b", "b", "/usr/bin/a2", "10"])).to.equal(undefined);
  });

  it("a file in place of the link stays", () => {
    const editor = editorOf({ ...files, "usr/bin/a": "own" });
    updateAlternatives(editor)(install("/usr/bin/a1", "5"));
    expect(textOf(editor.tree, "usr/bin/a")).to.equal("own");
  });
});

describe("services", () => {
  const unit = "[Install]\nWantedBy=multi-user.target\nAlias=d.service\nAlso=s.socket\n";
  const files = {
    "usr/bin/deb-systemd-helper": "",
    "usr/sbin/update-rc.d": "",
    "lib/systemd/system/s.service": unit,
    "lib/systemd/system/s.socket": "[Install]\nWantedBy=sockets.target\n",
    "etc/init.d/s": "#!/bin/sh\n### BEGIN INIT INFO\n# Default-Start:     2 3\n# Default-Stop:      0\n### END INIT INFO\n",
  };

  it("a unit's links are made, and remembered", () => {
    const editor = editorOf(files);
    expect(serviceCommands(editor)["deb-systemd-helper"]?.(["enable", "s.service"])?.status).to.equal(0);
    const links = ["multi-user.target.wants/s.service", "d.service", "sockets.target.wants/s.socket"].map(
      (path) => editor.tree.get(`etc/systemd/system/${path}`)?.target,
    );
    expect(links).to.deep.equal(["/lib/systemd/system/s.service", "/lib/systemd/system/s.service", "/lib/systemd/system/s.socket"]);
    const remembered = ["d.service", "multi-user.target.wants/s.service", "sockets.target.wants/s.socket"];
    const lines = remembered.map((path) => `/etc/systemd/system/${path}\n`).join("");
    expect(textOf(editor.tree, "var/lib/systemd/deb-systemd-helper-enabled/s.service.dsh-also")).to.equal(lines);
  });

  it("run levels come from the script's own header", () => {
    const editor = editorOf(files);
    serviceCommands(editor)["update-rc.d"]?.(["s", "defaults"]);
    expect([0, 1, 2, 3].map((level) => editor.tree.list(`etc/rc${String(level)}.d`))).to.deep.equal([["K01s"], [], ["S01s"], ["S01s"]]);
  });

  it("without the programs nothing is done, as in the scripts", () => {
    const editor = editorOf({ "lib/systemd/system/s.service": unit });
    expect(serviceCommands(editor)["deb-systemd-helper"]?.(["enable", "s.service"])?.status).to.equal(0);
    expect(editor.tree.get("etc")).to.equal(undefined);
  });
});

it("dpkg compares versions, an empty one as earliest or latest", () => {
  const editor = editorOf({});
  const { dpkg } = dpkgCommands(editor, new AccountBook(editor, { uids: new Set(), gids: new Set() }), "amd64");
  const status = (left: string, operator: string): number | undefined => dpkg?.(["--compare-versions", left, operator, "1:2"])?.status;
  expect(["lt", "lt-nl", "gt", "gt-nl"].map((operator) => status("", operator))).to.deep.equal([0, 1, 1, 0]);
  expect(["lt", "le", "eq", "ge", "gt"].map((operator) => status("1:2", operator))).to.deep.equal([1, 0, 0, 0, 1]);
});

it("diverting moves a file, and its owner is known", () => {
  const editor = editorOf({ "usr/bin/x": "1", "var/lib/dpkg/diversions": "" });
  const divert = dpkgCommands(editor, new AccountBook(editor, { uids: new Set(), gids: new Set() }), "amd64")["dpkg-divert"];
  expect(divert?.(["--package", "p", "--add", "--rename", "--divert", "/usr/bin/x.p", "/usr/bin/x"])?.status).to.equal(0);
  expectThat(divert !== undefined);
  expect([textOf(editor.tree, "usr/bin/x.p"), editor.tree.get("usr/bin/x")]).to.deep.equal(["1", undefined]);
  expect(divert(["--listpackage", "/usr/bin/x"])?.output).to.equal("p\n");
  expect(divert(["--truename", "/usr/bin/x"])?.output).to.equal("/usr/bin/x.p\n");
});

it("shells are listed by both names, removed ones stay out", () => {
  const files = {
    bin: "-> usr/bin",
    "usr/bin/z": "",
    "usr/share/debianutils/shells": "# shells\n/bin/sh\n",
    "usr/share/debianutils/shells.d/z": "/bin/z\n",
    "var/lib/shells.state": "/bin/sh\n/usr/bin/sh\n/bin/gone\n",
    "etc/shells": "# shells\n/bin/sh\n/bin/gone\n/bin/mine\n",
  };
  const editor = editorOf(files);
  updateShells(editor)([]);
  expect(textOf(editor.tree, "etc/shells")).to.equal("# shells\n/bin/sh\n/bin/mine\n/bin/z\n/usr/bin/z\n");
  expect(textOf(editor.tree, "var/lib/shells.state")).to.equal("/bin/sh\n/usr/bin/sh\n/bin/z\n/usr/bin/z\n");
});
