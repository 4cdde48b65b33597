/** Whether a suite, a component or a folder of an archive is for security updates: Debian's `bookworm-security`, `security` of dhi.io. */
export function isSecurityPart(name: string): boolean {
  return /(?:^|[-/])security(?:\/|$)/.test(name);
}
