/** The host of the archives of Docker's hardened packages. */
const HOST = "dhi.io";

/** Whether a package is one of Docker's hardened ones: by its version (`1.0.8-6+dhi2`), or by the archive that it comes from. */
export function isHardened({ version, url }: { readonly version: string; readonly url: string | undefined }): boolean {
  return /\+dhi[0-9]+/.test(version) || (url !== undefined && URL.parse(url)?.hostname === HOST);
}
