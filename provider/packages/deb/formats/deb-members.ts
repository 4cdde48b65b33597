import { DhiError } from "../../../errors.js";
import type { ArMember } from "./ar.js";

/** How a member is compressed. */
export type MemberCompression = "none" | "gzip" | "xz" | "zstd";

export interface PackedMember {
  readonly member: ArMember;
  readonly compression: MemberCompression;
}

export interface DebMembers {
  readonly format: ArMember;
  readonly control: PackedMember;
  readonly data: PackedMember;
}

const compressions: Readonly<Record<string, MemberCompression>> = { "": "none", ".gz": "gzip", ".xz": "xz", ".zst": "zstd" };

/**
 * debian-binary, control.tar and data.tar in that order; members whose names start with `_` may be in between, and anything may
 * follow (deb(5)). Throws `DhiError` "invalid".
 */
export function findMembers(members: readonly ArMember[]): DebMembers {
  const known = members.filter(({ name }) => !name.startsWith("_"));
  const [format, control, data] = known;
  if (format?.name !== "debian-binary") throw outOfOrder("debian-binary", format);
  for (const name of ["control.tar", "data.tar"])
    if (known.filter((member) => member.name.startsWith(name)).length > 1)
      throw new DhiError("invalid", `it has two members named ${name}: readers would disagree on its content`);
  return { format, control: packed("control.tar", control), data: packed("data.tar", data) };
}

function packed(name: string, member: ArMember | undefined): PackedMember {
  if (member?.name.startsWith(name) !== true) throw outOfOrder(name, member);
  const suffix = member.name.slice(name.length);
  const compression = compressions[suffix];
  if (compression === undefined)
    throw new DhiError("invalid", `its ${member.name} has an unsupported compression`, { hint: "gzip, xz and zstd are supported" });
  return { member, compression };
}

function outOfOrder(wanted: string, found: ArMember | undefined): DhiError {
  return new DhiError(
    "invalid",
    `it is not a Debian package: ${found === undefined ? "it ends" : `it has ${found.name}`} where ${wanted} must be`,
  );
}
