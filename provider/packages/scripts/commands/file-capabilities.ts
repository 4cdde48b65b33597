/** capability.h, in order of their numbers. */
const names = (
  "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin " +
  "net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time " +
  "sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon " +
  "bpf checkpoint_restore"
).split(" ");

/**
 * `security.capability` (VFS_CAP_REVISION_2, little-endian) for an argument of setcap(8): `cap_net_raw,cap_net_admin+ep`, clauses separated by
 * spaces. Bytes as latin1; undefined if it is not supported.
 */
export function capabilityXattr(text: string): string | undefined {
  const sets = { p: 0n, i: 0n };
  let effective = false;
  for (const clause of text.trim().split(/\s+/)) {
    const [, list = "", flags = ""] = /^([a-z_,]+)[=+]([eip]+)$/i.exec(clause) ?? [];
    if (flags === "") return undefined;
    for (const name of list.toLowerCase().split(",")) {
      const bit = names.indexOf(name.replace(/^cap_/, ""));
      if (bit < 0) return undefined;
      for (const set of ["p", "i"] as const) if (flags.includes(set)) sets[set] |= 1n << BigInt(bit);
    }
    effective ||= flags.includes("e");
  }
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32LE(0x02000000 | (effective ? 1 : 0), 0);
  bytes.writeUInt32LE(Number(sets.p & 0xffffffffn), 4);
  bytes.writeUInt32LE(Number(sets.i & 0xffffffffn), 8);
  bytes.writeUInt32LE(Number(sets.p >> 32n), 12);
  bytes.writeUInt32LE(Number(sets.i >> 32n), 16);
  return bytes.toString("latin1");
}
