import { createHash } from "node:crypto";
import { describe, it } from "mocha";
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
import { expect, expectThat } from "../../../support/expectations.js";
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
  it("a file is copied and registered, with its checksum and its package", () => {
    const { editor } = open({ "usr/bin/ucf": "", "usr/share/a/conf": "new" });
    const { ucf, ucfr } = ucfCommands(editor);
    expect(ucf?.(["--three-way", "/usr/share/a/conf", "/etc/a/conf"])?.status).to.equal(0);
    expectThat(ucf !== undefined);
    expect(ucfr?.(["a", "/etc/a/conf"])?.status).to.equal(0);
    expect(textOf(editor.tree, "etc/a/conf")).to.equal("new");
    expect(textOf(editor.tree, "var/lib/ucf/hashfile")).to.equal(`${md5}  /etc/a/conf\n`);
    expect(textOf(editor.tree, "var/lib/ucf/registry")).to.equal("a \t /etc/a/conf\n");
    expect(textOf(editor.tree, "var/lib/ucf/cache/:etc:a:conf")).to.equal("new");
    expect(ucf(["--purge", "/etc/a/conf"])?.status).to.equal(0);
    expect(textOf(editor.tree, "var/lib/ucf/hashfile")).to.equal("");
  });

  it("a changed file is not touched, as in noninteractive mode", () => {
    const { editor } = open({ "usr/bin/ucf": "", "usr/share/a/conf": "new", "etc/a/conf": "mine" });
    expect(ucfCommands(editor)["ucf"]?.(["/usr/share/a/conf", "/etc/a/conf"])).to.equal(undefined);
    expect(textOf(editor.tree, "etc/a/conf")).to.equal("mine");
  });
});

it("a2enmod links a module, its configuration and what it depends on, once", () => {
  const { editor } = open({
    "usr/sbin/a2enmod": "",
    "etc/apache2/mods-available/b.load": "# Depends: a\n",
    "etc/apache2/mods-available/b.conf": "",
    "etc/apache2/mods-available/a.load": "",
  });
  const { a2enmod } = apacheCommands(editor);
  expect(a2enmod?.(["-m", "-q", "b"])?.status).to.equal(0);
  expectThat(a2enmod !== undefined);
  expect(editor.tree.list("etc/apache2/mods-enabled")).to.deep.equal(["a.load", "b.conf", "b.load"]);
  expect(editor.tree.get("etc/apache2/mods-enabled/b.load")?.target).to.equal("../mods-available/b.load");
  expect(editor.tree.list("var/lib/apache2/module/enabled_by_maint")).to.deep.equal(["a", "b"]);
  expect(a2enmod(["none"])?.status).to.equal(1);
});

it("find supports tests, brackets, depths and actions", () => {
  const { editor, book } = open({ ...accounts, "d/a.x": "1", "d/b.y": "", "d/e/c.x": "1", "d/f": "dir", "d/l": "-> a.x" });
  const find = findCommand(editor, book, () => undefined);
  const found = (...args: readonly string[]): string | undefined => find(args)?.output;
  expect(found("/d", "-name", "*.x", "-type", "f")).to.equal("/d/a.x\n/d/e/c.x\n");
  expect(found("/d", "-mindepth", "1", "-maxdepth", "1", "!", "(", "-name", "*.x", "-o", "-type", "d", ")", "-printf", "%f\\n")).to.equal(
    "b.y\nl\n",
  );
  expect(found("/d", "-empty", "-print0")).to.equal("/d/b.y\0/d/f\0");
  expect(found("/none")).to.equal("");
  expect(find(["/none"])?.status).to.equal(1);
  expect(find(["/d", "-newer", "/x"])).to.equal(undefined);
  expect(find(["/d", "-type", "d", "-empty", "-delete"])?.status).to.equal(0);
  expect(editor.tree.get("d/f")).to.equal(undefined);
});

it("accounts of sysusers.d and folders of tmpfiles.d are made", () => {
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
  expect(commands["systemd-sysusers"]?.(["a.conf"])?.status).to.equal(0);
  expect(textOf(editor.tree, "etc/passwd")).to.equal(
    "root:x:0:0::/root:/bin/sh\none:x:999:999:The One:/var/lib/one:/usr/sbin/nologin\nthree:x:33:33::/:/usr/sbin/nologin\n",
  );
  expect(textOf(editor.tree, "etc/group")).to.equal("root:x:0:\none:x:999:\ntwo:x:150:one\nthree:x:33:\n");
  expect(textOf(editor.tree, "etc/shadow")).to.equal("root:*:::::::\none:!*:::::::\nthree:!*:::::::\n");
  expect(commands["systemd-tmpfiles"]?.(["--create", "a.conf"])?.status).to.equal(0);
  expectThat(commands["systemd-tmpfiles"] !== undefined);
  const folder = editor.tree.get("var/lib/one");
  expect([folder?.mode, folder?.uid, folder?.gid]).to.deep.equal([0o750, 999, 999]);
  expect([editor.tree.get("run/one"), editor.tree.get("etc/link")?.target]).to.deep.equal([undefined, "../target"]);
  expect(commands["systemd-tmpfiles"](["--create", "b.conf"])?.status).to.equal(0);
  expect([textOf(editor.tree, "etc/made"), editor.tree.get("etc/made")?.mode]).to.deep.equal(["text", 0o600]);
  expect(commands["systemd-tmpfiles"](["--create", "c.conf"])).to.equal(undefined);
  expect(editor.tree.get("etc/made")?.mode).to.equal(0o640);
});

it("a shell that is added is listed by both its names; folders are copied whole", () => {
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
  expect(textOf(editor.tree, "etc/shells")).to.equal("/bin/sh\n/bin/t\n/usr/bin/t\n");
  const { cp } = fileCommands(editor, book);
  expect(cp?.(["/a", "/copy"])).to.equal(undefined);
  expect(cp?.(["-r", "/a", "/copy"])?.status).to.equal(0);
  expect([textOf(editor.tree, "copy/b/c"), editor.tree.get("copy/l")?.target]).to.deep.equal(["1", "b"]);
});

it("adduser passes four fields to chfn; su is followed where it only reads", () => {
  const { editor, book } = open({ ...accounts, "d/x": "" });
  const { adduser, su } = accountCommands(editor, book);
  adduser?.(["--system", "--gecos", "A Person", "--no-create-home", "p"]);
  expect(textOf(editor.tree, "etc/passwd") ?? "").to.match(/^p:x:100:65534:A Person,,,:\/nonexistent:/m);
  expect(su?.(["-s", "/bin/sh", "p", "-c", "test -O /d"])?.status).to.equal(1);
  expectThat(su !== undefined);
  expect(su(["root", "-c", "test -O /d && test -G /d"])?.status).to.equal(0);
  expect(su(["p", "-c", "touch /d/y"])).to.equal(undefined);
});

it("a Java key store begins and ends as Java's own do", () => {
  // keytool -importcert of the three bytes is refused, but the digest covers whatever stands there.
  const bytes = formatKeyStore(new Map([["debian:a.pem", Buffer.from("der")]]), "changeit");
  expect(bytes.toString("hex", 0, 16)).to.equal("feedfeed000000020000000100000002");
  const body = bytes.subarray(0, -20);
  const secret = Buffer.concat([Buffer.from("\0c\0h\0a\0n\0g\0e\0i\0t", "latin1"), Buffer.from("Mighty Aphrodite"), body]);
  expect(bytes.subarray(-20).toString("hex")).to.equal(createHash("sha1").update(secret).digest("hex"));
  expect(body.toString("latin1").endsWith("\0\x05X.509\0\0\0\x03der")).to.equal(true);
});

it("what is left out on purpose is reported by a sentence, or not at all", () => {
  expect(leftOut("ssh-keygen -q -f /etc/ssh/ssh_host_rsa_key") ?? "").to.match(/no host keys/);
  expect(leftOut("bash /usr/bin/mysql_install_db --rpm") ?? "").to.match(/no database/);
  expect(leftOut("setpriv --reuid man -- /usr/bin/mandb -pq")).to.equal("");
  expect(leftOut("writing /var/log/x")).to.equal("");
  expect(leftOut("frobnicate ssh-keygen")).to.equal(undefined);
});
