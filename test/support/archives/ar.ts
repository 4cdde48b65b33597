/** A common ar archive as dpkg-deb writes it (deb(5)). */
export function arArchive(members: readonly (readonly [name: string, bytes: Buffer])[]): Buffer {
  const parts = members.flatMap(([name, bytes]) => [arHeader(name, bytes.length), bytes, Buffer.alloc(bytes.length % 2, "\n")]);
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

export function arHeader(name: string, size: number): Buffer {
  const fields = [name.padEnd(16), "0".padEnd(12), "0".padEnd(6), "0".padEnd(6), "100644".padEnd(8), String(size).padEnd(10), "`\n"];
  return Buffer.from(fields.join(""), "latin1");
}
