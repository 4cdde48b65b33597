import { groupLine, gshadowLine, parseGroup, parsePasswd } from "../../rootfs/accounts/account-files.js";
import type { GroupEntry, PasswdEntry } from "../../rootfs/accounts/account-files.js";
import type { ReservedIds } from "../packages.js";
import type { RootEditor } from "../root/root-editor.js";
import { AccountTexts } from "./account-texts.js";

/** Debian Policy 9.2.2: ids that are allocated to system accounts. */
const firstSystemId = 100;
const lastSystemId = 999;

/** Users and groups of a root as scripts add to them. Ids are the first free ones, so that they are reproducible. */
export class AccountBook {
  readonly #texts: AccountTexts;
  readonly #reserved: ReservedIds;

  constructor(editor: RootEditor, reserved: ReservedIds) {
    this.#texts = new AccountTexts(editor);
    this.#reserved = reserved;
  }

  user(name: string): PasswdEntry | undefined {
    return parsePasswd(this.#texts.text("passwd")).find((entry) => entry.name === name || String(entry.uid) === name);
  }

  group(name: string): GroupEntry | undefined {
    return parseGroup(this.#texts.text("group")).find((entry) => entry.name === name || String(entry.gid) === name);
  }

  /** The primary group first. */
  groupsOf({ name, gid }: PasswdEntry): readonly GroupEntry[] {
    const all = parseGroup(this.#texts.text("group"));
    return [...all.filter((group) => group.gid === gid), ...all.filter((group) => group.gid !== gid && group.members.includes(name))];
  }

  /** Returns its gid; an existing group keeps its own. */
  addGroup(name: string, gid?: number): number {
    const known = this.group(name);
    if (known?.name === name) return known.gid;
    const id = gid ?? this.#free((candidate) => !this.#gidTaken(candidate));
    this.#texts.append("group", groupLine({ name, gid: id, members: [] }));
    this.#texts.append("gshadow", gshadowLine(name, []));
    return id;
  }

  /** `group`: a gid, or "own" for a group of the same name. */
  addUser(request: {
    name: string;
    uid?: number | undefined;
    group: number | "own";
    home: string;
    shell: string;
    gecos?: string | undefined;
  }): PasswdEntry {
    const known = this.user(request.name);
    if (known?.name === request.name) return known;
    const { name, home, shell, gecos = "" } = request;
    const uid = request.uid ?? this.#free((id) => !this.#uidTaken(id));
    // As in adduser: the first free gid, whatever the uid.
    const gid = request.group === "own" ? this.addGroup(name) : request.group;
    this.#texts.append("passwd", `${name}:x:${String(uid)}:${String(gid)}:${gecos}:${home}:${shell}`);
    // No date of the last change: it would be the day of the build.
    this.#texts.append("shadow", `${name}:!:::::::`);
    return { name, uid, gid, home, shell };
  }

  /** As systemd-sysusers(8) makes them: the highest id that is free as uid and gid, and no password. */
  addSysgroup(name: string, gid?: number): number {
    const known = this.group(name);
    if (known?.name === name) return known.gid;
    const id = gid !== undefined && !this.#gidTaken(gid) ? gid : this.#lastFree();
    this.#texts.append("group", groupLine({ name, gid: id, members: [] }));
    this.#texts.append("gshadow", `${name}:!*::`);
    return id;
  }

  /** `gid`: of an existing group; else a group of the user's name is made. */
  addSysuser(user: Omit<PasswdEntry, "uid" | "gid"> & { uid?: number | undefined; gid?: number | undefined; gecos: string }): void {
    const { name, gecos, home, shell } = user;
    if (this.user(name)?.name === name) return;
    const wanted = user.uid !== undefined && !this.#uidTaken(user.uid) ? user.uid : undefined;
    const gid = user.gid ?? this.addSysgroup(name, wanted);
    const uid = wanted ?? (this.#uidTaken(gid) ? this.#lastFree() : gid);
    this.#texts.append("passwd", `${name}:x:${String(uid)}:${String(gid)}:${gecos}:${home}:${shell}`);
    this.#texts.append("shadow", `${name}:!*:::::::`);
  }

  addMember(group: string, user: string): void {
    this.#texts.addMember(group, user);
  }

  #uidTaken(id: number): boolean {
    return this.#reserved.uids.has(id) || parsePasswd(this.#texts.text("passwd")).some(({ uid }) => uid === id);
  }

  #gidTaken(id: number): boolean {
    return this.#reserved.gids.has(id) || parseGroup(this.#texts.text("group")).some(({ gid }) => gid === id);
  }

  #free(isFree: (id: number) => boolean): number {
    for (let id = firstSystemId; id <= lastSystemId; id += 1) if (isFree(id)) return id;
    // Debian Policy 9.2.2: the range after those of users.
    for (let id = 60_000; ; id += 1) if (isFree(id)) return id;
  }

  #lastFree(): number {
    for (let id = lastSystemId; id >= firstSystemId; id -= 1) if (!this.#uidTaken(id) && !this.#gidTaken(id)) return id;
    return this.#free((id) => !this.#uidTaken(id) && !this.#gidTaken(id));
  }
}
