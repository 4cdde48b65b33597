import { bookwormAutomatic } from "./bookworm-automatic.js";
import { bookwormSecurity } from "./bookworm-security.js";
import { bookwormStable, trixieStable } from "./stable.js";
import { trixieAutomatic } from "./trixie-automatic.js";
import { trixieSecurity } from "./trixie-security.js";

/** A key of Debian's archive that comes with this package. */
export interface ShippedKey {
  /** 40 hexadecimal digits, upper case (RFC 9580 section 5.5.4, version 4), of the primary key. */
  readonly fingerprint: string;
  /** ASCII-armored. */
  readonly armored: string;
}

/** The keys that sign Debian 12 and 13: their releases, updates and security updates. */
export const shippedKeys: readonly ShippedKey[] = [
  { fingerprint: "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8", armored: bookwormAutomatic },
  { fingerprint: "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0", armored: bookwormSecurity },
  { fingerprint: "4D64FEC119C2029067D6E791F8D2585B8783D481", armored: bookwormStable },
  { fingerprint: "04B54C3CDCA79751B16BC6B5225629DF75B188BD", armored: trixieAutomatic },
  { fingerprint: "5E04A1E3223A19A20706E20F9904613D4CCE68C6", armored: trixieSecurity },
  { fingerprint: "41587F7DB8C774BCCF131416762F67A0B2C39DE4", armored: trixieStable },
];
