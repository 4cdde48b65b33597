/** dpkg-architecture(1), DEB_HOST_MULTIARCH, of Debian's release architectures. */
const triplets: Readonly<Record<string, string>> = {
  amd64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
  armel: "arm-linux-gnueabi",
  armhf: "arm-linux-gnueabihf",
  i386: "i386-linux-gnu",
  mips64el: "mips64el-linux-gnuabi64",
  ppc64el: "powerpc64le-linux-gnu",
  riscv64: "riscv64-linux-gnu",
  s390x: "s390x-linux-gnu",
};

export function multiarchTriplet(architecture: string): string | undefined {
  return triplets[architecture];
}
