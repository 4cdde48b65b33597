import { describe, it } from "mocha";
import { ScriptWorld } from "../../../../provider/packages/apk/effects/script-world.js";
import type { ScriptKind } from "../../../../provider/packages/apk/formats/scripts-archive.js";
import { RootEditor } from "../../../../provider/packages/root/root-editor.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import type { FileNode } from "../../../../provider/rootfs/tree/node.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
import { expect } from "../../../support/expectations.js";
import { authorityPem } from "../../../support/packages/pems.js";
import { nodeOf, textOf, treeOf } from "../../../support/packages/roots.js";

const accounts = {
  "etc/passwd": "root:x:0:0:root:/root:/bin/ash\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
  "etc/group": "root:x:0:root\nusers:x:100:games\nwww-data:x:82:\nnogroup:x:65533:\n",
  "etc/shadow": "root:*::0:::::\n",
  "var/lib": "dir",
};

interface Followed {
  readonly tree: FileTree;
  readonly notices: readonly string[];
}

function follow(
  files: Readonly<Record<string, string | FileNode>>,
  script: string,
  { kind = "post-install", args = ["1-r0"], head = "#!/bin/sh\n" }: { kind?: ScriptKind; args?: readonly string[]; head?: string } = {},
): Followed {
  const base = treeOf({
    ...accounts,
    ...Object.fromEntries(Object.entries(files).map(([path, file]) => [path, typeof file === "string" ? file : "dir"])),
  });
  for (const [path, file] of Object.entries(files)) {
    if (typeof file === "string") continue;
    base.remove(path);
    base.set(path, file);
  }
  const tree = base.fork();
  const editor = new RootEditor(tree, new LayerDraft(tree, base));
  const world = new ScriptWorld(editor, { uids: new Set([101]), gids: new Set([102]) });
  world.run("thing", kind, `${head}${script}\n`, args);
  editor.flush();
  return { tree, notices: world.notices.map(({ message }) => message) };
}

const lastLines = (tree: FileTree, path: string, count: number): readonly string[] =>
  (textOf(tree, path) ?? "").trimEnd().split("\n").slice(-count);

describe("accounts as busybox makes them", () => {
  it("a service's own account, as most of Alpine's scripts make it, with ids that are not declared", () => {
    const { tree, notices } = follow(
      {},
      [
        "addgroup -S -g 82 www-data 2>/dev/null",
        "addgroup -S nginx 2>/dev/null",
        "adduser -S -D -H -h /var/lib/nginx -s /sbin/nologin -G nginx -g nginx nginx 2>/dev/null",
        "adduser -S -D -h /var/lib/other -G www-data -g 'The other' other",
        "addgroup nginx www-data 2>/dev/null",
        "exit 0",
      ].join("\n"),
    );
    expect(notices).to.deep.equal([]);
    expect(lastLines(tree, "etc/passwd", 2)).to.deep.equal([
      "nginx:x:100:101:nginx:/var/lib/nginx:/sbin/nologin",
      "other:x:102:82:The other:/var/lib/other:/sbin/nologin",
    ]);
    expect(lastLines(tree, "etc/group", 3)).to.deep.equal(["www-data:x:82:other,nginx", "nogroup:x:65533:", "nginx:x:101:nginx"]);
    expect(lastLines(tree, "etc/shadow", 2)).to.deep.equal(["nginx:!::0:99999:7:::", "other:!::0:99999:7:::"]);
    const { mode, uid, gid } = tree.get("var/lib/other") ?? {};
    expect([mode, uid, gid, tree.get("var/lib/nginx")]).to.deep.equal([0o2755, 102, 82, undefined]);
  });

  it("a group of the user's own has the user's id; what is taken is not made", () => {
    const { tree } = follow(
      {},
      "adduser -D one; adduser -D -u 1500 two; adduser -D -u 1500 three; adduser -S -D -G absent four; addgroup -g 1500 five",
    );
    expect(lastLines(tree, "etc/passwd", 2)).to.deep.equal([
      "one:x:1000:1000:Linux User,,,:/home/one:/bin/ash",
      "two:x:1500:1500:Linux User,,,:/home/two:/bin/ash",
    ]);
    expect(lastLines(tree, "etc/group", 2)).to.deep.equal(["one:x:1000:", "two:x:1500:"]);
    expect(tree.get("home"), "a home whose parent is missing is not made").to.equal(undefined);
  });

  it("a command that asks for a password is reported", () => {
    expect(follow({}, "adduser somebody").notices).to.deep.equal([
      "the post-install script of thing is not run: what it does with adduser is missing",
    ]);
  });

  it("questions about accounts are answered", () => {
    const script =
      'if getent passwd nobody >/dev/null && ! getent group absent; then echo "$(id -u nobody) $(getent group users)" > /etc/answer; fi';
    expect(textOf(follow({}, script).tree, "etc/answer")).to.equal("65534 users:x:100:games\n");
  });
});

describe("busybox", () => {
  const list = { "bin/busybox": "x", "usr/bin": "dir", "etc/busybox-paths.d/busybox": "bin/ls\nusr/bin/[\nbin/busybox\nbin/sh\n" };

  it("makes links for applets whose paths are free", () => {
    const { tree, notices } = follow(
      { ...list, "bin/sh": "dash" },
      '/bin/busybox mkdir -p "/bin" "/made"\nexec /bin/busybox --install -s\nrm /bin/ls',
      {
        head: "#!/bin/busybox sh\n",
      },
    );
    expect(notices).to.deep.equal([]);
    expect(tree.get("bin/ls")?.target).to.equal("/bin/busybox");
    expect(tree.get("usr/bin/[")?.target).to.equal("/bin/busybox");
    expect(textOf(tree, "bin/sh")).to.equal("dash");
    expect(tree.get("bin/busybox")?.type).to.equal("file");
    expect(tree.get("made")?.type).to.equal("directory");
  });

  it("is reported without a list of applets", () => {
    expect(follow({ "bin/busybox": "x" }, "exec /bin/busybox --install -s").notices).to.deep.equal([
      "the post-install script of thing is not run: what it does with /bin/busybox is missing",
    ]);
    expect(
      follow({ "bin/busybox": "x", "bin/ls": "-> /bin/busybox" }, "exec /bin/busybox --install -s").notices,
      "unless it was done before",
    ).to.deep.equal([]);
  });
});

describe("other effects", () => {
  it("CA certificates: bundle, links by name and by hash; what is no longer listed is removed", () => {
    const pem = authorityPem;
    const files = {
      "etc/ca-certificates.conf": "# list\nmozilla/A.crt\n!mozilla/B.crt\n",
      "usr/share/ca-certificates/mozilla/A.crt": pem,
      "usr/local/share/ca-certificates/my (own), ca.crt": "text\n",
      "usr/local/share/ca-certificates/.hidden.crt": "no",
      "usr/sbin/update-ca-certificates": "x",
      "etc/ssl/certs/ca-cert-B.pem": "-> /usr/share/ca-certificates/mozilla/B.crt",
      "etc/ssl/certs/mine.pem": "-> /etc/mine",
      "etc/ssl/certs/ca-certificates.crt": "old",
    };
    const hook = { "etc/ca-certificates/update.d/certhash": { ...nodeOf("x", "#!/bin/sh\n"), mode: 0o755 } };
    const { tree, notices } = follow({ ...files, ...hook }, "/usr/sbin/update-ca-certificates &> /dev/null\nexit 0", {
      kind: "trigger",
      args: ["/etc/ssl/certs"],
    });
    expect(notices).to.deep.equal([]);
    expect(textOf(tree, "etc/ssl/certs/ca-certificates.crt")).to.equal(`${pem}\ntext\n\n`);
    const links = tree.list("etc/ssl/certs").map((name) => `${name} ${tree.get(`etc/ssl/certs/${name}`)?.target ?? ""}`);
    expect(links.filter((link) => !/^[0-9a-f]{8}\.0 ca-cert-A\.pem$/.test(link))).to.deep.equal([
      "ca-cert-A.pem /usr/share/ca-certificates/mozilla/A.crt",
      "ca-cert-my_=own=__ca.pem /usr/local/share/ca-certificates/my (own), ca.crt",
      "ca-certificates.crt ",
      "mine.pem /etc/mine",
    ]);
    expect(links.length).to.equal(5);
  });

  it("a hook of update-ca-certificates that is not reproduced is reported", () => {
    const executable = { ...nodeOf("x", "#!/bin/sh\n"), mode: 0o755 };
    const files = { "etc/ca-certificates/update.d/java-cacerts": executable, "etc/ca-certificates/update.d/README": "text" };
    expect(follow(files, "update-ca-certificates", { kind: "trigger" }).notices).to.deep.equal([
      "the trigger script of thing is not run: what it does with /etc/ca-certificates/update.d/java-cacerts is missing",
    ]);
  });

  it("login shells are added once, and removed", () => {
    const script = "add-shell '/bin/bash' /bin/sh; add-shell /bin/zsh\nremove-shell /bin/ash";
    const { tree, notices } = follow({ "etc/shells": "# valid login shells\n/bin/sh\n/bin/ash" }, script);
    expect(notices).to.deep.equal([]);
    expect(textOf(tree, "etc/shells")).to.equal("# valid login shells\n/bin/sh\n/bin/bash\n/bin/zsh\n");
  });

  it("what a script prints is not an effect", () => {
    const script =
      "cat >&2 <<-EOF\n\t*\n\t* Run $1 by hand: `date`\n\t*\n\tEOF\necho ' * done' >&2\ncat <<EOF\nhello\nEOF\nprintf '%s\\n' x >&2";
    expect(follow({}, script).notices).to.deep.equal([]);
  });

  it("settings that sed changes, on the way to a file or in place", () => {
    const files = { "lib/x.conf": "#A=1\nB=2\n# C", "etc/y.conf": "path = /a/b\n" };
    const script = [
      "sed -Ee 's/^#?A=.*/A=new/' -Ee 's/^(B)=([0-9])/#\\1=[&]/' /lib/x.conf > /etc/x.conf",
      "sed -i 's|/a/b|/c|g' /etc/y.conf",
    ].join("\n");
    const { tree, notices } = follow(files, script);
    expect(notices).to.deep.equal([]);
    expect(textOf(tree, "etc/x.conf")).to.equal("A=new\n#B=[B=2]\n# C\n");
    expect(textOf(tree, "etc/y.conf")).to.equal("path = /c\n");
  });

  for (const [what, script] of [
    ["an address", "sed -i '1d' /etc/passwd"],
    ["a back reference in a pattern", "sed -i -E 's/(.)\\1/x/' /etc/passwd"],
    ["a class of names", "sed -i -E 's/[[:space:]]/x/' /etc/passwd"],
    ["a file that is not known", "sed -i 's/a/b/' /etc/absent"],
  ] as const)
    it(`sed with ${what} is reported, and changes nothing`, () => {
      const { tree, notices } = follow({}, script);
      expect(notices.join()).to.match(/what it does with sed is missing/);
      expect(textOf(tree, "etc/passwd")).to.equal(accounts["etc/passwd"]);
    });

  it("versions are compared as apk compares them", () => {
    const script = 'if [ "$(apk version -t "$2" "$1")" = "<" ]; then echo older > /etc/answer; fi';
    expect(textOf(follow({}, script, { kind: "post-upgrade", args: ["1.10-r0", "1.9-r3"] }).tree, "etc/answer")).to.equal("older\n");
  });

  it("scripts run in the root directory, and services are added to runlevels", () => {
    const { tree } = follow({ "etc/init.d/x": "#!/sbin/openrc-run\n" }, "[ -e etc/init.d/x ] && rc-update -q add x default");
    expect(tree.get("etc/runlevels/default/x")?.target).to.equal("/etc/init.d/x");
  });

  it("what is not reproduced is reported with the package, its script and the programs", () => {
    expect(follow({}, "fc-cache -f; exec /usr/bin/update-mime-database /usr/share/mime", { kind: "trigger" }).notices).to.deep.equal([
      "the trigger script of thing is not run: what it does with fc-cache, /usr/bin/update-mime-database is missing",
    ]);
    expect(follow({}, "print()", { head: "#!/usr/bin/lua5.3\n" }).notices).to.deep.equal([
      "the post-install script of thing is not run: it is a script for /usr/bin/lua5.3",
    ]);
    expect(follow({}, "apk info -e x; rc-service x status; killall x; exec apk info").notices).to.deep.equal([]);
    expect(follow({}, "apk add x").notices.join()).to.match(/what it does with apk is missing/);
    expect(follow({}, "if true; then").notices.join()).to.match(/what follows/);
  });
});
