import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { AccountBook } from "../../../../provider/packages/scripts/account-book.js";
import { accountCommands } from "../../../../provider/packages/deb/effects/account-commands.js";
import { apacheCommands } from "../../../../provider/packages/deb/effects/apache-commands.js";
import { fileCommands } from "../../../../provider/packages/scripts/commands/file-commands.js";
import { findCommand } from "../../../../provider/packages/scripts/commands/find-command.js";
import { formatKeyStore } from "../../../../provider/packages/deb/effects/java-keystore.js";
import { leftOut } from "../../../../provider/packages/deb/effects/left-out.js";
import { addShell } from "../../../../provider/packages/deb/effects/shells.js";
import { systemdCommands } from "../../../../provider/packages/deb/effects/systemd-commands.js";
import { ucfCommands } from "../../../../provider/packages/deb/effects/ucf-commands.js";
import { RootEditor } from "../../../../provider/packages/root/root-editor.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import { textOf, treeOf } from "../../../support/packages/roots.js";

const accounts = {
  "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
  "etc/group": "root:x:0:\n",
  "etc/shadow": "root:*:::::::\n",
  "etc/gshadow": "root:*::\n",
};

function open(files: Readonly<Record<string, string>>): { readonly editor: RootEditor; readonly book: AccountBook } {
  const tree = treeOf(files);
  const editor = new RootEditor(tree, new LayerDraft(tree, tree.fork()));
  return { editor, book: new AccountBook(editor, { uids: new Set([998]), gids: new Set() }) };
}

describe("ucf", () => {
  const md5 = createHash("md5").update("new").digest("hex");
  test("a file is copied and registered, with its checksum and its package", () => {
    const { editor } = open({ "usr/bin/ucf": "", "usr/share/a/conf": "new" });
    const { ucf, ucfr } = ucfCommands(editor);
    assert.equal(ucf?.(["--three-way", "/usr/share/a/conf", "/etc/a/conf"])?.status, 0);
    assert.equal(ucfr?.(["a", "/etc/a/conf"])?.status, 0);
    assert.equal(textOf(editor.tree, "etc/a/conf"), "new");
    assert.equal(textOf(editor.tree, "var/lib/ucf/hashfile"), `${md5}  /etc/a/conf\n`);
    assert.equal(textOf(editor.tree, "var/lib/ucf/registry"), "a \t /etc/a/conf\n");
    assert.equal(textOf(editor.tree, "var/lib/ucf/cache/:etc:a:conf"), "new");
    assert.equal(ucf(["--purge", "/etc/a/conf"])?.status, 0);
    assert.equal(textOf(editor.tree, "var/lib/ucf/hashfile"), "");
  });

  test("a changed file is not touched, as in noninteractive mode", () => {
    const { editor } = open({ "usr/bin/ucf": "", "usr/share/a/conf": "new", "etc/a/conf": "mine" });
    assert.equal(ucfCommands(editor)["ucf"]?.(["/usr/share/a/conf", "/etc/a/conf"]), undefined);
    assert.equal(textOf(editor.tree, "etc/a/conf"), "mine");
  });
});

test("a2enmod links a module, its configuration and what it depends on, once", () => {
  const { editor } = open({
    "usr/sbin/a2enmod": "",
    "etc/apache2/mods-available/b.load": "# Depends: a\n",
    "etc/apache2/mods-available/b.conf": "",
    "etc/apache2/mods-available/a.load": "",
  });
  const { a2enmod } = apacheCommands(editor);
  assert.equal(a2enmod?.(["-m", "-q", "b"])?.status, 0);
  assert.deepEqual(editor.tree.list("etc/apache2/mods-enabled"), ["a.load", "b.conf", "b.load"]);
  assert.equal(editor.tree.get("etc/apache2/mods-enabled/b.load")?.target, "../mods-available/b.load");
  assert.deepEqual(editor.tree.list("var/lib/apache2/module/enabled_by_maint"), ["a", "b"]);
  assert.equal(a2enmod(["none"])?.status, 1);
});

test("find supports tests, brackets, depths and actions", () => {
  const { editor, book } = open({ ...accounts, "d/a.x": "1", "d/b.y": "", "d/e/c.x": "1", "d/f": "dir", "d/l": "-> a.x" });
  const find = findCommand(editor, book, () => undefined);
  const found = (...args: readonly string[]): string | undefined => find(args)?.output;
  assert.equal(found("/d", "-name", "*.x", "-type", "f"), "/d/a.x\n/d/e/c.x\n");
  assert.equal(
    found("/d", "-mindepth", "1", "-maxdepth", "1", "!", "(", "-name", "*.x", "-o", "-type", "d", ")", "-printf", "%f\\n"),
    "b.y\nl\n",
  );
  assert.equal(found("/d", "-empty", "-print0"), "/d/b.y\0/d/f\0");
  assert.equal(found("/none"), "");
  assert.equal(find(["/none"])?.status, 1);
  assert.equal(find(["/d", "-newer", "/x"]), undefined);
  assert.equal(find(["/d", "-type", "d", "-empty", "-delete"])?.status, 0);
  assert.equal(editor.tree.get("d/f"), undefined);
});

test("accounts of sysusers.d and folders of tmpfiles.d are made", () => {
  const { editor, book } = open({
    ...accounts,
    "usr/bin/systemd-sysusers": "",
    "usr/bin/systemd-tmpfiles": "",
    "usr/lib/sysusers.d/a.conf": '# users\nu one - "The One" /var/lib/one\ng two 150 -\nu three 33\nm one two\n',
    "usr/lib/tmpfiles.d/a.conf": "d /var/lib/one 0750 one one -\nd /run/one 0755 one one -\nL /etc/link - - - - ../target\n",
    "usr/lib/tmpfiles.d/b.conf": "f /etc/made 0600 root root - text\nz /none 0600 - - -\n",
    "usr/lib/tmpfiles.d/c.conf": "z /etc/made 0640 root root -\nC /etc/copied - - - - /etc/made\n",
  });
  const commands = systemdCommands(editor, book);
  assert.equal(commands["systemd-sysusers"]?.(["a.conf"])?.status, 0);
  assert.equal(
    textOf(editor.tree, "etc/passwd"),
    "root:x:0:0::/root:/bin/sh\none:x:999:999:The One:/var/lib/one:/usr/sbin/nologin\nthree:x:33:33::/:/usr/sbin/nologin\n",
  );
  assert.equal(textOf(editor.tree, "etc/group"), "root:x:0:\none:x:999:\ntwo:x:150:one\nthree:x:33:\n");
  assert.equal(textOf(editor.tree, "etc/shadow"), "root:*:::::::\none:!*:::::::\nthree:!*:::::::\n");
  assert.equal(commands["systemd-tmpfiles"]?.(["--create", "a.conf"])?.status, 0);
  const folder = editor.tree.get("var/lib/one");
  assert.deepEqual([folder?.mode, folder?.uid, folder?.gid], [0o750, 999, 999]);
  assert.deepEqual([editor.tree.get("run/one"), editor.tree.get("etc/link")?.target], [undefined, "../target"]);
  assert.equal(commands["systemd-tmpfiles"](["--create", "b.conf"])?.status, 0);
  assert.deepEqual([textOf(editor.tree, "etc/made"), editor.tree.get("etc/made")?.mode], ["text", 0o600]);
  assert.equal(commands["systemd-tmpfiles"](["--create", "c.conf"]), undefined);
  assert.equal(editor.tree.get("etc/made")?.mode, 0o640);
});

test("a shell that is added is listed by both its names; folders are copied whole", () => {
  const { editor, book } = open({
    ...accounts,
    bin: "-> usr/bin",
    "usr/bin/t": "",
    "etc/shells": "/bin/sh\n",
    "a/b/c": "1",
    "a/l": "-> b",
  });
  addShell(editor)(["/bin/t"]);
  addShell(editor)(["/bin/t"]);
  assert.equal(textOf(editor.tree, "etc/shells"), "/bin/sh\n/bin/t\n/usr/bin/t\n");
  const { cp } = fileCommands(editor, book);
  assert.equal(cp?.(["/a", "/copy"]), undefined);
  assert.equal(cp?.(["-r", "/a", "/copy"])?.status, 0);
  assert.deepEqual([textOf(editor.tree, "copy/b/c"), editor.tree.get("copy/l")?.target], ["1", "b"]);
});

test("adduser passes four fields to chfn; su is followed where it only reads", () => {
  const { editor, book } = open({ ...accounts, "d/x": "" });
  const { adduser, su } = accountCommands(editor, book);
  adduser?.(["--system", "--gecos", "A Person", "--no-create-home", "p"]);
  assert.match(textOf(editor.tree, "etc/passwd") ?? "", /^p:x:100:65534:A Person,,,:\/nonexistent:/m);
  assert.equal(su?.(["-s", "/bin/sh", "p", "-c", "test -O /d"])?.status, 1);
  assert.equal(su(["root", "-c", "test -O /d && test -G /d"])?.status, 0);
  assert.equal(su(["p", "-c", "touch /d/y"]), undefined);
});

test("a Java key store begins and ends as Java's own do", () => {
  // keytool -importcert of the three bytes is refused, but the digest covers whatever stands there.
  const bytes = formatKeyStore(new Map([["debian:a.pem", Buffer.from("der")]]), "changeit");
  assert.equal(bytes.toString("hex", 0, 16), "feedfeed000000020000000100000002");
  const body = bytes.subarray(0, -20);
  const secret = Buffer.concat([Buffer.from("\0c\0h\0a\0n\0g\0e\0i\0t", "latin1"), Buffer.from("Mighty Aphrodite"), body]);
  assert.equal(bytes.subarray(-20).toString("hex"), createHash("sha1").update(secret).digest("hex"));
  assert(body.toString("latin1").endsWith("\0\x05X.509\0\0\0\x03der"));
});

test("what is left out on purpose is reported by a sentence, or not at all", () => {
  assert.match(leftOut("ssh-keygen -q -f /etc/ssh/ssh_host_rsa_key") ?? "", /no host keys/);
  assert.match(leftOut("bash /usr/bin/mysql_install_db --rpm") ?? "", /no database/);
  assert.equal(leftOut("setpriv --reuid man -- /usr/bin/mandb -pq"), "");
  assert.equal(leftOut("writing /var/log/x"), "");
  assert.equal(leftOut("frobnicate ssh-keygen"), undefined);
});
