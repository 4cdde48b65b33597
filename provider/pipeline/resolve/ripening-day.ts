/** `2026-12-03`, in UTC. A time of day would differ between a preview and its update. */
export function formatDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
