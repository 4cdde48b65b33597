/** One line of the result. */
export interface Row {
  readonly name: string;
  readonly ours: string;
  readonly peer: string;
  /** Ours divided by the peer's; below 1 pulumi-dhi is faster or smaller. */
  readonly ratio: number | undefined;
  readonly aim: string;
  readonly missed: boolean;
}

export function formatRow({ name, ours, peer, ratio, aim, missed }: Row): string {
  const columns = [
    name.padEnd(44),
    `ours ${ours}`.padEnd(26),
    peer.padEnd(34),
    ratio === undefined ? "".padEnd(12) : `ratio ${ratio.toFixed(2)}`.padEnd(12),
    aim,
  ];
  return `${missed ? "✗" : "✓"} ${columns.join("  ")}`;
}

export function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}

export function seconds(value: number): string {
  return `${(value / 1000).toFixed(1)} s`;
}
