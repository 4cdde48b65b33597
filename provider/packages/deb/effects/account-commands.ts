import { fromTarName } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { AccountBook } from "../../scripts/account-book.js";
import { parseOptions } from "../../scripts/commands/options.js";
import { done, failed, type CommandModel } from "../../scripts/script-host.js";

const nologin = "/usr/sbin/nologin";

/** adduser(8), useradd(8), groupadd(8), usermod(8), getent(1) and id(1) for system accounts. */
export function accountCommands(editor: RootEditor, book: AccountBook): Readonly<Record<string, CommandModel>> {
  const number = (text: string | undefined): number | undefined => (text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined);
  const makeHome = (home: string, uid: number, gid: number): void => {
    const path = fromTarName(home);
    if (path !== "" && home !== "/nonexistent" && editor.node(path) === undefined) editor.makeDirectory(path, { mode: 0o755, uid, gid });
  };

  const addgroup: CommandModel = (args) => {
    const options = parseOptions(
      args,
      ["gid"],
      ["system", "quiet", "force-badname", "allow-badname", "allow-bad-names", "allow-all-names"],
    );
    const [name, ...more] = options?.rest ?? [];
    if (options === undefined || name === undefined || more.length > 0 || !options.values.has("system")) return undefined;
    book.addGroup(name, number(options.values.get("gid")));
    return done;
  };

  const adduser: CommandModel = (args) => {
    const options = parseOptions(
      args,
      ["uid", "gid", "home", "shell", "ingroup", "gecos", "comment"],
      [
        "system",
        "group",
        "quiet",
        "no-create-home",
        "disabled-password",
        "disabled-login",
        "force-badname",
        "allow-badname",
        "allow-bad-names",
        "allow-all-names",
        "debug",
      ],
    );
    const [name, member, ...more] = options?.rest ?? [];
    if (options === undefined || name === undefined || more.length > 0) return undefined;
    const { values } = options;
    if (member !== undefined) {
      if (book.user(name) === undefined || book.group(member) === undefined) return failed;
      book.addMember(member, name);
      return done;
    }
    if (!values.has("system")) return undefined;
    if (book.user(name) !== undefined) return done;
    const named = values.get("ingroup") ?? values.get("gid");
    const given = named === undefined ? undefined : book.group(named)?.gid;
    if (named !== undefined && given === undefined) return undefined;
    const home = values.get("home") ?? "/nonexistent";
    const { uid, gid } = book.addUser({
      name,
      uid: number(values.get("uid")),
      group: values.has("group") ? "own" : (given ?? book.group("nogroup")?.gid ?? 65534),
      home,
      shell: values.get("shell") ?? nologin,
      gecos: personOf(values.get("gecos")) ?? values.get("comment"),
    });
    if (!values.has("no-create-home")) makeHome(home, uid, gid);
    return done;
  };

  const groupadd: CommandModel = (args) => {
    const options = parseOptions(args, ["g", "gid"], ["r", "system", "f", "force"]);
    const [name] = options?.rest ?? [];
    if (
      options === undefined ||
      name === undefined ||
      (options.values.get("g") ?? options.values.get("gid") ?? options.values.get("r") ?? options.values.get("system")) === undefined
    )
      return undefined;
    book.addGroup(name, number(options.values.get("g") ?? options.values.get("gid")));
    return done;
  };

  const useradd: CommandModel = (args) => {
    const options = parseOptions(
      args,
      ["u", "uid", "g", "gid", "d", "home-dir", "home", "s", "shell", "c", "comment", "G", "groups"],
      ["r", "system", "M", "no-create-home", "m", "create-home", "N", "no-user-group", "U", "user-group"],
    );
    const [name] = options?.rest ?? [];
    const value = (short: string, long: string): string | undefined => options?.values.get(short) ?? options?.values.get(long);
    if (options === undefined || name === undefined || value("r", "system") === undefined) return undefined;
    const named = value("g", "gid");
    const given = named === undefined ? undefined : book.group(named)?.gid;
    if (named !== undefined && given === undefined) return undefined;
    const home = value("d", "home-dir") ?? options.values.get("home") ?? `/home/${name}`;
    const known = book.user(name) !== undefined;
    const group = given ?? (value("N", "no-user-group") === undefined ? "own" : 100);
    const { uid, gid } = book.addUser({
      name,
      uid: number(value("u", "uid")),
      group,
      home,
      shell: value("s", "shell") ?? "/bin/sh",
      gecos: value("c", "comment"),
    });
    if (!known && value("m", "create-home") !== undefined) makeHome(home, uid, gid);
    for (const other of (value("G", "groups") ?? "").split(","))
      if (other !== "" && book.group(other) !== undefined) book.addMember(other, name);
    return done;
  };

  const usermod: CommandModel = (args) => {
    const options = parseOptions(args, ["G", "groups"], ["a", "append"]);
    const [name] = options?.rest ?? [];
    const groups = options?.values.get("G") ?? options?.values.get("groups");
    if (options === undefined || name === undefined || groups === undefined || options.values.size < 2) return undefined;
    for (const group of groups.split(",")) book.addMember(group, name);
    return done;
  };

  const getent: CommandModel = ([database, name]) => {
    if (name === undefined) return undefined;
    if (database === "passwd") {
      const user = book.user(name);
      if (user === undefined) return { status: 2 };
      return { status: 0, output: `${user.name}:x:${String(user.uid)}:${String(user.gid)}::${user.home}:${user.shell}\n` };
    }
    if (database !== "group") return undefined;
    const group = book.group(name);
    return group === undefined ? { status: 2 } : { status: 0, output: `${group.name}:x:${String(group.gid)}:${group.members.join(",")}\n` };
  };

  const id: CommandModel = (args) => {
    const options = parseOptions(args, [], ["u", "g", "n", "G", "user", "group", "name", "groups"]);
    const [name] = options?.rest ?? [];
    if (options === undefined || name === undefined) return undefined;
    const user = book.user(name);
    if (user === undefined) return failed;
    if (options.values.has("G") || options.values.has("groups")) {
      const groups = book
        .groupsOf(user)
        .map((group) => (options.values.has("n") || options.values.has("name") ? group.name : String(group.gid)));
      return { status: 0, output: `${groups.join(" ")}\n` };
    }
    const wanted = options.values.has("g") || options.values.has("group") ? user.gid : user.uid;
    return { status: 0, output: options.values.has("n") || options.values.has("name") ? `${user.name}\n` : `${String(wanted)}\n` };
  };

  // Only to find what a user owns; anything else would run as that user.
  const su: CommandModel = (args) => {
    const options = parseOptions(args, ["s", "c", "shell", "command"], ["l", "p", "m"]);
    const user = book.user(options?.rest[0] ?? "root");
    const text = options?.values.get("c") ?? options?.values.get("command");
    const tests = text?.split("&&").map((part) => /^\s*test -([OG]) (\/\S+)\s*$/.exec(part) ?? undefined);
    if (user === undefined || tests === undefined || tests.includes(undefined)) return undefined;
    const holds = tests.every((match) => {
      const node = editor.node(fromTarName(match?.[2] ?? ""));
      return match?.[1] === "O" ? node?.uid === user.uid : node?.gid === user.gid;
    });
    return holds ? done : failed;
  };

  const adduserAndGroup: CommandModel = (args) =>
    args.includes("--group") && !args.includes("--system")
      ? addgroup(["--system", ...args.filter((arg) => arg !== "--group")])
      : adduser(args);
  return { addgroup, adduser: adduserAndGroup, groupadd, useradd, usermod, getent, id, su };
}

/** adduser passes `--gecos` to chfn(1) as its four fields. */
function personOf(gecos: string | undefined): string | undefined {
  if (gecos === undefined || gecos === "") return gecos;
  const [name = "", room = "", work = "", home = "", ...other] = gecos.split(",");
  return [name, room, work, home, ...other].join(",");
}
