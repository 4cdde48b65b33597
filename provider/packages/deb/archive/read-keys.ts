import type { Key } from "openpgp" with { "resolution-mode": "import" };
import { DhiError } from "../../../errors.js";
import { armoredBlocks } from "../../fetch/pem-blocks.js";

/** Every key of `sources`: ASCII-armored text (several blocks too) or the bytes of a keyring. Throws `DhiError` "invalid" for one without a key. */
export async function readArchiveKeys(sources: readonly (string | Buffer)[]): Promise<readonly Key[]> {
  const { readKeys } = await import("openpgp");
  const keys: Key[] = [];
  for (const [at, source] of sources.entries()) {
    const wrong = (cause?: unknown): DhiError =>
      new DhiError("invalid", `the ${sources.length > 1 ? `${at + 1}. ` : ""}archive key is not a valid OpenPGP public key`, {
        cause,
        hint: "Keys are ASCII-armored text or the bytes of a keyring",
      });
    try {
      const text = typeof source === "string" ? source : source.toString("latin1");
      const blocks = armoredBlocks(text, ["PGP PUBLIC KEY BLOCK"]);
      const before = keys.length;
      for (const block of blocks) keys.push(...(await readKeys({ armoredKeys: block })));
      if (blocks.length === 0 && typeof source !== "string") keys.push(...(await readKeys({ binaryKeys: source })));
      if (keys.length === before) throw wrong();
    } catch (thrown) {
      throw thrown instanceof DhiError ? thrown : wrong(thrown);
    }
  }
  return keys.map((key) => key.toPublic());
}
