import { fromTarName, parentOf } from "../../../rootfs/tree/raw-path.js";
import { parseOptions } from "../../scripts/commands/options.js";
import { done, failed, type CommandModel } from "../../scripts/script-host.js";
import type { RootEditor } from "../../root/root-editor.js";
import type { BusyboxAccounts } from "./busybox-accounts.js";

/** addgroup, adduser, getent and id as busybox has them (loginutils/addgroup.c, adduser.c of busybox 1.36). */
export function accountCommands(editor: RootEditor, accounts: BusyboxAccounts): Readonly<Record<string, CommandModel>> {
  const addgroup: CommandModel = (args) => {
    const options = parseOptions(args, ["g", "gid"], ["S", "system"]);
    const [name, group, ...more] = options?.rest ?? [];
    if (options === undefined || name === undefined || more.length > 0) return undefined;
    if (group !== undefined) {
      if (accounts.user(name) === undefined || accounts.group(group) === undefined) return failed;
      accounts.addMember(group, name);
      return done;
    }
    const gid = numberIn(options.values.get("g") ?? options.values.get("gid"));
    const isSystem = options.values.has("S") || options.values.has("system");
    return accounts.addGroup(name, gid, isSystem) ? done : failed;
  };

  const adduser: CommandModel = (args) => {
    const options = parseOptions(
      args,
      ["h", "home", "g", "gecos", "s", "shell", "G", "ingroup", "u", "uid", "k", "skel"],
      ["S", "system", "D", "disabled-password", "empty-password", "H", "no-create-home"],
    );
    const [name, member, ...more] = options?.rest ?? [];
    if (options === undefined || name === undefined || more.length > 0) return undefined;
    if (member !== undefined) return addgroup([name, member]);
    const value = (short: string, long: string): string | undefined => options.values.get(short) ?? options.values.get(long);
    const isSystem = value("S", "system") !== undefined;
    // Without -D it asks for a password.
    if (!isSystem && value("D", "disabled-password") === undefined) return undefined;
    const group = value("G", "ingroup") ?? (isSystem ? "nogroup" : undefined);
    const gid = group === undefined ? undefined : accounts.group(group)?.gid;
    if (group !== undefined && gid === undefined) return failed;
    const user = accounts.addUser({
      name,
      uid: numberIn(value("u", "uid")),
      isSystem,
      gid,
      gecos: value("g", "gecos") ?? "Linux User,,,",
      home: value("h", "home") ?? `/home/${name}`,
      shell: value("s", "shell") ?? (isSystem ? "/sbin/nologin" : (accounts.user("root")?.shell ?? "/bin/sh")),
    });
    if (user === undefined) return failed;
    if (group !== undefined) accounts.addMember(group, name);
    if (value("H", "no-create-home") === undefined) makeHome(editor, user);
    return done;
  };

  const getent: CommandModel = ([database, name]) => {
    if (name === undefined || (database !== "passwd" && database !== "group")) return undefined;
    if (database === "group") {
      const group = accounts.group(name);
      return group === undefined ? { status: 2 } : { status: 0, output: `${name}:x:${String(group.gid)}:${group.members.join(",")}\n` };
    }
    const user = accounts.user(name);
    if (user === undefined) return { status: 2 };
    return { status: 0, output: `${name}:x:${String(user.uid)}:${String(user.gid)}::${user.home}:${user.shell}\n` };
  };

  const id: CommandModel = (args) => {
    const options = parseOptions(args, [], ["u", "g", "n"]);
    const [name] = options?.rest ?? [];
    if (options === undefined || name === undefined) return undefined;
    const user = accounts.user(name);
    if (user === undefined) return failed;
    if (options.values.has("n")) return undefined;
    return { status: 0, output: `${String(options.values.has("g") ? user.gid : user.uid)}\n` };
  };

  return { addgroup, adduser, getent, id };
}

/** An existing home is given to the user too; one whose parent is missing is not made. */
function makeHome(editor: RootEditor, { home, uid, gid }: { readonly home: string; readonly uid: number; readonly gid: number }): void {
  if (!home.startsWith("/") || home.includes("..")) return;
  const path = fromTarName(home);
  if (path === "" || editor.node(parentOf(path))?.type !== "directory") return;
  editor.makeDirectory(path);
  editor.change(path, { mode: 0o2755, uid, gid });
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}
