import { Memo } from "../../async/memo.js";
import type { CommandOptions } from "../keys/command-key.js";
import type { KeyReference } from "../keys/key-reference.js";
import type { KeylessServices } from "./keyless-signer.js";
import type { Signer } from "./signer.js";

/** Who signs, as declared. */
export type SignerSource =
  | { readonly is: "key"; readonly key: KeyReference }
  /** The text of a private key. */
  | { readonly is: "text"; readonly text: string }
  | { readonly is: "keyless"; readonly sigstore: KeylessServices };

/** Opens signers, each once an operation: decrypting a key of cosign takes a tenth of a second. */
export interface Signers {
  /**
   * A key is read and decrypted, and the library for keyless signing is loaded, so that what is missing is told before anything is pushed; no
   * command is run and no service is asked. Throws `DhiError`.
   */
  readonly open: (source: SignerSource) => Promise<Signer>;
}

export function openSigners(options: CommandOptions): Signers {
  const known = new Memo<Signer>();
  return { open: (source) => known.run(JSON.stringify(source), () => openSigner(source, options)) };
}

/** What signs is loaded only for images that are signed. */
async function openSigner(source: SignerSource, options: CommandOptions): Promise<Signer> {
  if (source.is === "keyless") {
    const { openKeyless } = await import("./keyless-signer.js");
    return openKeyless(source.sigstore, options);
  }
  const { parseKey, PASSWORD_VARIABLE, readKey } = await import("../keys/read-key.js");
  const { keySigner } = await import("./key-signer.js");
  if (source.is === "key") return keySigner(await readKey(source.key, options));
  return keySigner(await parseKey(source.text, "the key in dhi:sign", options.env[PASSWORD_VARIABLE]));
}
