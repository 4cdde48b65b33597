/** Bytes for display: `0.3 kB`, `12.5 MB` (decimal units, one fraction digit). */
export function formatSize(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
