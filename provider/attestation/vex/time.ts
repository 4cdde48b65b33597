/** The newest of these times (RFC 3339) in whole seconds of UTC, rounded up; the beginning of 1970 where there is none. */
export function newestTime(times: readonly (string | undefined)[]): string {
  const seconds = times.flatMap((time) => {
    const parsed = Date.parse(time ?? "");
    return Number.isNaN(parsed) ? [] : [Math.floor(parsed / 1000) + (/\.\d*[1-9]/.test(time ?? "") ? 1 : 0)];
  });
  const newest = seconds.reduce((latest, second) => Math.max(latest, second), 0);
  return `${new Date(newest * 1000).toISOString().slice(0, 19)}Z`;
}
