import { Memo } from "../../async/memo.js";
import type { CommandOptions } from "../keys/command-key.js";
import type { KeyReference } from "../keys/key-reference.js";
import { parseKey, PASSWORD_VARIABLE, readKey } from "../keys/read-key.js";
import { keySigner } from "./key-signer.js";
import { openKeyless, type KeylessServices } from "./keyless-signer.js";
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

async function openSigner(source: SignerSource, options: CommandOptions): Promise<Signer> {
  switch (source.is) {
    case "key":
      return keySigner(await readKey(source.key, options));
    case "text":
      return keySigner(await parseKey(source.text, "the key in dhi:sign", options.env[PASSWORD_VARIABLE]));
    case "keyless":
      return openKeyless(source.sigstore, options);
  }
}
