import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { ScriptWorld } from "../../../../provider/packages/apk/effects/script-world.js";
import type { ScriptKind } from "../../../../provider/packages/apk/formats/scripts-archive.js";
import { RootEditor } from "../../../../provider/packages/root/root-editor.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import type { FileNode } from "../../../../provider/rootfs/tree/node.js";
import type { FileTree } from "../../../../provider/rootfs/tree/file-tree.js";
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
  test("a service's own account, as most of Alpine's scripts make it, with ids that are not declared", () => {
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
    assert.deepEqual(notices, []);
    assert.deepEqual(lastLines(tree, "etc/passwd", 2), [
      "nginx:x:100:101:nginx:/var/lib/nginx:/sbin/nologin",
      "other:x:102:82:The other:/var/lib/other:/sbin/nologin",
    ]);
    assert.deepEqual(lastLines(tree, "etc/group", 3), ["www-data:x:82:other,nginx", "nogroup:x:65533:", "nginx:x:101:nginx"]);
    assert.deepEqual(lastLines(tree, "etc/shadow", 2), ["nginx:!::0:99999:7:::", "other:!::0:99999:7:::"]);
    const { mode, uid, gid } = tree.get("var/lib/other") ?? {};
    assert.deepEqual([mode, uid, gid, tree.get("var/lib/nginx")], [0o2755, 102, 82, undefined]);
  });

  test("a group of the user's own has the user's id; what is taken is not made", () => {
    const { tree } = follow(
      {},
      "adduser -D one; adduser -D -u 1500 two; adduser -D -u 1500 three; adduser -S -D -G absent four; addgroup -g 1500 five",
    );
    assert.deepEqual(lastLines(tree, "etc/passwd", 2), [
      "one:x:1000:1000:Linux User,,,:/home/one:/bin/ash",
      "two:x:1500:1500:Linux User,,,:/home/two:/bin/ash",
    ]);
    assert.deepEqual(lastLines(tree, "etc/group", 2), ["one:x:1000:", "two:x:1500:"]);
    assert.equal(tree.get("home"), undefined, "a home whose parent is missing is not made");
  });

  test("a command that asks for a password is reported", () => {
    assert.deepEqual(follow({}, "adduser somebody").notices, [
      "the post-install script of thing is not run: what it does with adduser is missing",
    ]);
  });

  test("questions about accounts are answered", () => {
    const script =
      'if getent passwd nobody >/dev/null && ! getent group absent; then echo "$(id -u nobody) $(getent group users)" > /etc/answer; fi';
    assert.equal(textOf(follow({}, script).tree, "etc/answer"), "65534 users:x:100:games\n");
  });
});

describe("busybox", () => {
  const list = { "bin/busybox": "x", "usr/bin": "dir", "etc/busybox-paths.d/busybox": "bin/ls\nusr/bin/[\nbin/busybox\nbin/sh\n" };

  test("makes links for applets whose paths are free", () => {
    const { tree, notices } = follow(
      { ...list, "bin/sh": "dash" },
      '/bin/busybox mkdir -p "/bin" "/made"\nexec /bin/busybox --install -s\nrm /bin/ls',
      {
        head: "#!/bin/busybox sh\n",
      },
    );
    assert.deepEqual(notices, []);
    assert.equal(tree.get("bin/ls")?.target, "/bin/busybox");
    assert.equal(tree.get("usr/bin/[")?.target, "/bin/busybox");
    assert.equal(textOf(tree, "bin/sh"), "dash");
    assert.equal(tree.get("bin/busybox")?.type, "file");
    assert.equal(tree.get("made")?.type, "directory");
  });

  test("is reported without a list of applets", () => {
    assert.deepEqual(follow({ "bin/busybox": "x" }, "exec /bin/busybox --install -s").notices, [
      "the post-install script of thing is not run: what it does with /bin/busybox is missing",
    ]);
    assert.deepEqual(
      follow({ "bin/busybox": "x", "bin/ls": "-> /bin/busybox" }, "exec /bin/busybox --install -s").notices,
      [],
      "unless it was done before",
    );
  });
});

describe("other effects", () => {
  test("CA certificates: bundle, links by name and by hash; what is no longer listed is removed", () => {
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
    assert.deepEqual(notices, []);
    assert.equal(textOf(tree, "etc/ssl/certs/ca-certificates.crt"), `${pem}\ntext\n\n`);
    const links = tree.list("etc/ssl/certs").map((name) => `${name} ${tree.get(`etc/ssl/certs/${name}`)?.target ?? ""}`);
    assert.deepEqual(
      links.filter((link) => !/^[0-9a-f]{8}\.0 ca-cert-A\.pem$/.test(link)),
      [
        "ca-cert-A.pem /usr/share/ca-certificates/mozilla/A.crt",
        "ca-cert-my_=own=__ca.pem /usr/local/share/ca-certificates/my (own), ca.crt",
        "ca-certificates.crt ",
        "mine.pem /etc/mine",
      ],
    );
    assert.equal(links.length, 5);
  });

  test("a hook of update-ca-certificates that is not reproduced is reported", () => {
    const executable = { ...nodeOf("x", "#!/bin/sh\n"), mode: 0o755 };
    const files = { "etc/ca-certificates/update.d/java-cacerts": executable, "etc/ca-certificates/update.d/README": "text" };
    assert.deepEqual(follow(files, "update-ca-certificates", { kind: "trigger" }).notices, [
      "the trigger script of thing is not run: what it does with /etc/ca-certificates/update.d/java-cacerts is missing",
    ]);
  });

  test("login shells are added once, and removed", () => {
    const script = "add-shell '/bin/bash' /bin/sh; add-shell /bin/zsh\nremove-shell /bin/ash";
    const { tree, notices } = follow({ "etc/shells": "# valid login shells\n/bin/sh\n/bin/ash" }, script);
    assert.deepEqual(notices, []);
    assert.equal(textOf(tree, "etc/shells"), "# valid login shells\n/bin/sh\n/bin/bash\n/bin/zsh\n");
  });

  test("what a script prints is not an effect", () => {
    const script =
      "cat >&2 <<-EOF\n\t*\n\t* Run $1 by hand: `date`\n\t*\n\tEOF\necho ' * done' >&2\ncat <<EOF\nhello\nEOF\nprintf '%s\\n' x >&2";
    assert.deepEqual(follow({}, script).notices, []);
  });

  test("settings that sed changes, on the way to a file or in place", () => {
    const files = { "lib/x.conf": "#A=1\nB=2\n# C", "etc/y.conf": "path = /a/b\n" };
    const script = [
      "sed -Ee 's/^#?A=.*/A=new/' -Ee 's/^(B)=([0-9])/#\\1=[&]/' /lib/x.conf > /etc/x.conf",
      "sed -i 's|/a/b|/c|g' /etc/y.conf",
    ].join("\n");
    const { tree, notices } = follow(files, script);
    assert.deepEqual(notices, []);
    assert.equal(textOf(tree, "etc/x.conf"), "A=new\n#B=[B=2]\n# C\n");
    assert.equal(textOf(tree, "etc/y.conf"), "path = /c\n");
  });

  for (const [what, script] of [
    ["an address", "sed -i '1d' /etc/passwd"],
    ["a back reference in a pattern", "sed -i -E 's/(.)\\1/x/' /etc/passwd"],
    ["a class of names", "sed -i -E 's/[[:space:]]/x/' /etc/passwd"],
    ["a file that is not known", "sed -i 's/a/b/' /etc/absent"],
  ] as const)
    test(`sed with ${what} is reported, and changes nothing`, () => {
      const { tree, notices } = follow({}, script);
      assert.match(notices.join(), /what it does with sed is missing/);
      assert.equal(textOf(tree, "etc/passwd"), accounts["etc/passwd"]);
    });

  test("versions are compared as apk compares them", () => {
    const script = 'if [ "$(apk version -t "$2" "$1")" = "<" ]; then echo older > /etc/answer; fi';
    assert.equal(textOf(follow({}, script, { kind: "post-upgrade", args: ["1.10-r0", "1.9-r3"] }).tree, "etc/answer"), "older\n");
  });

  test("scripts run in the root directory, and services are added to runlevels", () => {
    const { tree } = follow({ "etc/init.d/x": "#!/sbin/openrc-run\n" }, "[ -e etc/init.d/x ] && rc-update -q add x default");
    assert.equal(tree.get("etc/runlevels/default/x")?.target, "/etc/init.d/x");
  });

  test("what is not reproduced is reported with the package, its script and the programs", () => {
    assert.deepEqual(follow({}, "fc-cache -f; exec /usr/bin/update-mime-database /usr/share/mime", { kind: "trigger" }).notices, [
      "the trigger script of thing is not run: what it does with fc-cache, /usr/bin/update-mime-database is missing",
    ]);
    assert.deepEqual(follow({}, "print()", { head: "#!/usr/bin/lua5.3\n" }).notices, [
      "the post-install script of thing is not run: it is a script for /usr/bin/lua5.3",
    ]);
    assert.deepEqual(follow({}, "apk info -e x; rc-service x status; killall x; exec apk info").notices, []);
    assert.match(follow({}, "apk add x").notices.join(), /what it does with apk is missing/);
    assert.match(follow({}, "if true; then").notices.join(), /what follows/);
  });
});
