import {
  groupLine,
  gshadowLine,
  parseGroup,
  parsePasswd,
  shadowLine,
  type GroupEntry,
  type PasswdEntry,
} from "../../../rootfs/accounts/account-files.js";
import type { ReservedIds } from "../../packages.js";
import type { RootEditor } from "../../root/root-editor.js";
import { AccountTexts } from "../../scripts/account-texts.js";

/** CONFIG_FIRST_SYSTEM_ID and CONFIG_LAST_SYSTEM_ID of busybox, and CONFIG_LAST_ID for all others. */
const ids = { system: [100, 999], other: [1000, 60000] } as const;

export interface NewUser {
  readonly name: string;
  readonly uid?: number | undefined;
  readonly isSystem: boolean;
  /** An existing group's gid; undefined: a group of the user's own. */
  readonly gid: number | undefined;
  readonly gecos: string;
  readonly home: string;
  readonly shell: string;
}

/** Users and groups of a root as busybox's applets add to them: ids are the lowest free ones, so that they are reproducible. */
export class BusyboxAccounts {
  readonly #texts: AccountTexts;
  readonly #reserved: ReservedIds;

  constructor(editor: RootEditor, reserved: ReservedIds) {
    this.#texts = new AccountTexts(editor);
    this.#reserved = reserved;
  }

  user(name: string): PasswdEntry | undefined {
    return parsePasswd(this.#texts.text("passwd")).find((entry) => entry.name === name);
  }

  group(name: string): GroupEntry | undefined {
    return parseGroup(this.#texts.text("group")).find((entry) => entry.name === name);
  }

  uidOf(name: string): number | undefined {
    return name === "root" ? 0 : this.user(name)?.uid;
  }

  gidOf(name: string): number | undefined {
    return name === "root" ? 0 : this.group(name)?.gid;
  }

  /** addgroup(1). False when the name or the id is taken, or no id is free. */
  addGroup(name: string, gid: number | undefined, isSystem: boolean): boolean {
    const taken = new Set(parseGroup(this.#texts.text("group")).map((entry) => entry.gid));
    const id = gid ?? free(isSystem, (candidate) => taken.has(candidate) || this.#reserved.gids.has(candidate));
    if (this.group(name) !== undefined || id === undefined || taken.has(id)) return false;
    this.#texts.append("group", groupLine({ name, gid: id, members: [] }));
    this.#texts.append("gshadow", gshadowLine(name, []));
    return true;
  }

  /** adduser(1) without the home. Undefined when the name or the id is taken, or no id is free. */
  addUser({ name, uid, isSystem, gid, gecos, home, shell }: NewUser): PasswdEntry | undefined {
    const uids = new Set(parsePasswd(this.#texts.text("passwd")).map((entry) => entry.uid));
    const gids = new Set(parseGroup(this.#texts.text("group")).map((entry) => entry.gid));
    const isTaken = (id: number): boolean =>
      uids.has(id) || this.#reserved.uids.has(id) || (gid === undefined && (gids.has(id) || this.#reserved.gids.has(id)));
    const id = uid ?? free(isSystem, isTaken);
    if (this.user(name) !== undefined || id === undefined || uids.has(id)) return undefined;
    if (gid === undefined && (this.group(name) !== undefined || gids.has(id))) return undefined;
    const group = gid ?? id;
    this.#texts.append("passwd", `${name}:x:${String(id)}:${String(group)}:${gecos}:${home}:${shell}`);
    this.#texts.append("shadow", shadowLine(name));
    if (gid === undefined) this.addGroup(name, group, isSystem);
    return { name, uid: id, gid: group, home, shell };
  }

  addMember(group: string, user: string): void {
    this.#texts.addMember(group, user);
  }
}

function free(isSystem: boolean, isTaken: (id: number) => boolean): number | undefined {
  const [first, last] = isSystem ? ids.system : ids.other;
  for (let id: number = first; id <= last; id += 1) if (!isTaken(id)) return id;
  return undefined;
}
