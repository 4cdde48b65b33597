import { createHash, createPublicKey, verify } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { commandKey, SIGNATURE_LIMIT } from "../../../provider/attestation/keys/command-key.js";
import { expect } from "../../support/expectations.js";
import { cosignPassword, cosignPrivateKey, cosignPublicKey } from "./cosign-keys.js";
import { readKey } from "../../../provider/attestation/keys/read-key.js";

describe("a key that a command signs with", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "dhi-command-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** A program of the project, in the shell's language. */
  const program = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, name), 0o755);
    return `./${name}`;
  };
  const sign = (words: readonly [string, ...string[]], timeLimit = 20_000): Promise<Buffer> =>
    commandKey(words, { projectDirectory: folder, env: process.env, signal: undefined, timeLimit }).sign(Buffer.from("hello"));

  it("gets the digest, and answers with the signature, as it is or in base64", async () => {
    const digest = createHash("sha256").update("hello").digest();
    expect(await sign([await program("raw", "cat")])).to.deep.equal(digest);
    expect(await sign([await program("text", "base64")])).to.deep.equal(digest);
  });

  it("gets its arguments as they are: no shell reads them", async () => {
    const echo = await program("echo", 'printf "%s|" "$@"');
    expect((await sign([echo, "$HOME;", "a*"])).toString()).to.equal("$HOME;|a*|");
  });

  it("signs what verifies, with a key that only it knows", async () => {
    const inner = await readKey(
      { is: "variable", name: "KEY" },
      {
        projectDirectory: folder,
        env: { KEY: cosignPrivateKey, COSIGN_PASSWORD: cosignPassword },
        signal: undefined,
      },
    );
    const signature = await inner.sign(Buffer.from("hello"));
    await writeFile(join(folder, "signature"), signature);
    const answer = await sign([await program("kms", "cat >/dev/null; cat signature")]);
    expect(verify("sha256", Buffer.from("hello"), createPublicKey(cosignPublicKey), answer)).to.equal(true);
  });

  it("does not get the stack's configuration", async () => {
    const env = { ...process.env, PULUMI_CONFIG: '{"secret":"x"}' };
    const key = commandKey([await program("env", 'echo "c:$PULUMI_CONFIG!"')], { projectDirectory: folder, env, signal: undefined });
    expect((await key.sign(Buffer.from("hello"))).toString()).to.equal("c:!\n");
  });

  it("fails by what it says, by its absence, by its silence and by an answer that is not a signature", async () => {
    await expect(sign([await program("fails", "echo no access to the key >&2; exit 3")])).to.be.rejectedWithError({
      code: "rejected",
      message: /\.\/fails did not sign: no access to the key/,
    });
    await expect(sign(["./absent"])).to.be.rejectedWithError({ code: "not-found", message: /\.\/absent could not be run/, hint: /path/ });
    await expect(sign([await program("empty", ":")])).to.be.rejectedWithError({ code: "invalid", message: /empty signature/ });
    await expect(sign([await program("late", "exec sleep 60")], 200)).to.be.rejectedWithError({
      code: "unavailable",
      message: /within 0.2 s/,
    });
  });

  it("answers with a signature of at most some KiB", async () => {
    const bytes = (count: number) => `head -c ${String(count)} /dev/zero`;
    expect(await sign([await program("fits", bytes(SIGNATURE_LIMIT))])).to.have.length(SIGNATURE_LIMIT);
    await expect(sign([await program("large", bytes(SIGNATURE_LIMIT + 1))])).to.be.rejectedWithError({ code: "limit" });
  });

  it("is cancelled with the operation", async () => {
    const controller = new AbortController();
    const key = commandKey([await program("hangs", "exec sleep 60")], {
      projectDirectory: folder,
      env: process.env,
      signal: controller.signal,
    });
    const work = key.sign(Buffer.from("hello"));
    controller.abort();
    await expect(work).to.be.rejectedWithError({ code: "cancelled" });
  });
});
