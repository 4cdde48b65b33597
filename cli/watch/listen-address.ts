import { DhiError } from "../../provider/errors.js";

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const form = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})$/;
const MAX_PORT = 65_535;

/** `127.0.0.1:8723`, `[::1]:8723`. The host must be given, so that nobody listens on all addresses unasked. Throws `DhiError` "invalid". */
export function parseListenAddress(text: string): ListenAddress {
  const [, six, four, port] = form.exec(text) ?? [];
  const host = six ?? four;
  if (host === undefined || Number(port) > MAX_PORT) {
    throw new DhiError("invalid", `"${text}" is not an address to listen on`, { hint: "Write 127.0.0.1:8723, or [::1]:8723" });
  }
  return { host, port: Number(port) };
}

export function formatListenAddress({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
