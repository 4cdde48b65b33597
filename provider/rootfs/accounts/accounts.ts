import { DhiError } from "../../errors.js";
import { addMembers, appendLines, groupLine, gshadowLine, parseGroup, parsePasswd, passwdLine, shadowLine } from "./account-files.js";
import type { GroupEntry, PasswdEntry } from "./account-files.js";

export interface UserRequest {
  readonly name: string;
  readonly uid: number;
  readonly gid?: number | undefined;
  readonly home?: string | undefined;
  readonly shell?: string | undefined;
  readonly groups: readonly string[];
}
export interface GroupRequest {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** The text of the account files; undefined where the file does not exist. */
export interface AccountFiles {
  readonly passwd: string | undefined;
  readonly group: string | undefined;
  readonly shadow: string | undefined;
  readonly gshadow: string | undefined;
}

export interface AccountEdits {
  readonly files: AccountFiles;
  /** The users that did not exist before, with the ids that they got. */
  readonly added: readonly PasswdEntry[];
}

/**
 * Adds users and groups. An existing one that is as declared is accepted; one that differs is a `DhiError` "conflict" that
 * names the property (`users[n]`, `groups[n]`). `shell`: for users that declare none.
 */
export function editAccounts(
  files: AccountFiles,
  groups: readonly GroupRequest[],
  users: readonly UserRequest[],
  shell: string,
): AccountEdits {
  const passwd = [...parsePasswd(files.passwd ?? "")];
  const group = [...parseGroup(files.group ?? "")];
  const newGroups: GroupEntry[] = [];
  const added: PasswdEntry[] = [];
  const addGroup = (entry: GroupEntry): void => {
    group.push(entry);
    newGroups.push(entry);
  };
  groups.forEach((request, at) => {
    if (!acceptGroup(group, request, `groups[${String(at)}]`)) addGroup({ name: request.name, gid: request.gid, members: [] });
  });
  users.forEach((request, at) => {
    const gid = primaryGroup(group, groups, request);
    if (acceptUser(passwd, request, `users[${String(at)}]`)) return;
    if (!group.some((entry) => entry.gid === gid)) addGroup(ownGroup(group, request.name, gid, `users[${String(at)}]`));
    const entry = {
      name: request.name,
      uid: request.uid,
      gid,
      home: request.home ?? `/home/${request.name}`,
      shell: request.shell ?? shell,
    };
    passwd.push(entry);
    added.push(entry);
  });
  const memberships = collectMemberships(groups, users, passwd, group);
  const withMembers = (text: string, line: (entry: GroupEntry) => string): string => {
    const appended = appendLines(text, newGroups.map(line));
    return [...memberships].reduce((result, [name, members]) => addMembers(result, name, members), appended);
  };
  const names = added.map(({ name }) => name);
  return {
    added,
    files: {
      passwd: files.passwd === undefined && added.length === 0 ? undefined : appendLines(files.passwd ?? "", added.map(passwdLine)),
      group: files.group === undefined && newGroups.length === 0 ? undefined : withMembers(files.group ?? "", groupLine),
      shadow: files.shadow === undefined ? undefined : appendLines(files.shadow, names.map(shadowLine)),
      gshadow: files.gshadow === undefined ? undefined : withMembers(files.gshadow, (entry) => gshadowLine(entry.name, [])),
    },
  };
}

/**
 * The passwd entry of a user, by name or uid. Throws `DhiError` "not-found" when the result has no such user.
 */
export function findUser(passwd: string | undefined, user: string): PasswdEntry {
  const entries = parsePasswd(passwd ?? "");
  const found = entries.find((entry) => entry.name === user) ?? entries.find((entry) => String(entry.uid) === user);
  if (found !== undefined) return found;
  const names = entries.map(({ name }) => name);
  const known = names.length === 0 ? "it has no users" : `it has ${names.slice(0, 8).join(", ")}${names.length > 8 ? " …" : ""}`;
  throw new DhiError("not-found", `the image has no user "${user}"; ${known}`, {
    property: "runAs",
    hint: "Declare it in users, or name an existing one",
  });
}

function acceptGroup(group: readonly GroupEntry[], request: GroupRequest, property: string): boolean {
  const old = group.find(({ name }) => name === request.name);
  if (old !== undefined && old.gid !== request.gid) {
    throw new DhiError("conflict", `the group "${request.name}" already exists with gid ${String(old.gid)}, not ${String(request.gid)}`, {
      property,
      hint: "Declare it with the same gid, or choose another name",
    });
  }
  const holder = group.find(({ gid }) => gid === request.gid);
  if (old === undefined && holder !== undefined) {
    throw new DhiError("conflict", `gid ${String(request.gid)} of the group "${request.name}" belongs to the group "${holder.name}"`, {
      property,
      hint: "Choose another gid",
    });
  }
  return old !== undefined;
}

function acceptUser(passwd: readonly PasswdEntry[], request: UserRequest, property: string): boolean {
  const old = passwd.find(({ name }) => name === request.name);
  if (old === undefined) {
    const holder = passwd.find(({ uid }) => uid === request.uid);
    if (holder === undefined) return false;
    throw new DhiError("conflict", `uid ${String(request.uid)} of the user "${request.name}" belongs to the user "${holder.name}"`, {
      property,
      hint: "Choose another uid",
    });
  }
  for (const field of ["uid", "gid", "home", "shell"] as const) {
    const wanted = request[field];
    if (wanted === undefined || wanted === old[field]) continue;
    throw new DhiError("conflict", `the user "${request.name}" already exists with ${field} ${String(old[field])}, not ${String(wanted)}`, {
      property,
      hint: "Declare it as it exists, or choose another name",
    });
  }
  return true;
}

/** The declared gid, else that of the declared or existing group with the user's name, else the one equal to the uid. */
function primaryGroup(group: readonly GroupEntry[], declared: readonly GroupRequest[], request: UserRequest): number {
  return (
    request.gid ??
    declared.find(({ name }) => name === request.name)?.gid ??
    group.find(({ name }) => name === request.name)?.gid ??
    request.uid
  );
}

function ownGroup(group: readonly GroupEntry[], name: string, gid: number, property: string): GroupEntry {
  if (group.some((entry) => entry.name === name)) {
    throw new DhiError("conflict", `gid ${String(gid)} of the user "${name}" has no group, and another group has the user's name`, {
      property,
      hint: "Declare a group with this gid in groups",
    });
  }
  return { name, gid, members: [] };
}

function collectMemberships(
  groups: readonly GroupRequest[],
  users: readonly UserRequest[],
  passwd: readonly PasswdEntry[],
  group: readonly GroupEntry[],
): ReadonlyMap<string, readonly string[]> {
  const memberships = new Map<string, string[]>();
  const add = (name: string, member: string, property: string): void => {
    if (!group.some((entry) => entry.name === name)) {
      throw new DhiError("not-found", `the image has no group "${name}"`, { property, hint: "Declare it in groups" });
    }
    if (!passwd.some((entry) => entry.name === member)) {
      throw new DhiError("not-found", `the image has no user "${member}"`, { property, hint: "Declare it in users" });
    }
    memberships.set(name, [...(memberships.get(name) ?? []), member]);
  };
  groups.forEach((request, at) => {
    request.members.forEach((member, index) => {
      add(request.name, member, `groups[${String(at)}].members[${String(index)}]`);
    });
  });
  users.forEach((request, at) => {
    request.groups.forEach((name, index) => {
      add(name, request.name, `users[${String(at)}].groups[${String(index)}]`);
    });
  });
  return memberships;
}
