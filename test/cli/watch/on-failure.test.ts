import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, it } from "mocha";
import { checkProgram, MAX_VARIABLE, runOnFailure } from "../../../cli/watch/on-failure.js";
import { holdSecret } from "../../../provider/text/redaction.js";
import { expect } from "../../support/expectations.js";
import { cleanup } from "../../support/running-test.js";

const failure = { stack: "dev", failures: 3, errors: ["python: $(touch hacked) `id`; a\0b", "password-of-the-registry"] };

describe("the program of --on-failure", () => {
  let folder: string;
  const script = (text: string): string => {
    const file = join(folder, "a script");
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dhi-failure-"));
    cleanup(() => rmSync(folder, { recursive: true }));
  });

  it("gets the message on standard input and in the environment, without secrets", async () => {
    holdSecret("password-of-the-registry");
    const file = join(folder, "told");
    const program = script(`{ echo "$# $PULUMI_DHI_STACK $PULUMI_DHI_FAILURES"; printf '%s' "$PULUMI_DHI_MESSAGE"; cat; } > '${file}'`);
    expect(await runOnFailure(program, failure)).to.equal("ended with 0");
    const message = (nul: string) => `pulumi up of the stack dev failed:\npython: $(touch hacked) \`id\`; a${nul}b\n***\n`;
    expect(readFileSync(file, "utf8")).to.equal(`0 dev 3\n${message("")}${message("\0")}`);
  });

  it("gets the end of a long message in the environment, and all of it on standard input", async () => {
    const file = join(folder, "told");
    const program = script(`{ printf '%s' "$PULUMI_DHI_MESSAGE" | wc -c; wc -c; } > '${file}'`);
    const head = "pulumi up of the stack dev failed:\n".length + 1;
    for (const length of [MAX_VARIABLE, MAX_VARIABLE + 1, 1_000_000]) {
      expect(await runOnFailure(program, { ...failure, errors: ["x".repeat(length - head)] })).to.equal("ended with 0");
      const [variable, input] = readFileSync(file, "utf8").trim().split("\n").map(Number);
      expect([variable, input]).to.deep.equal([Math.min(length, MAX_VARIABLE), length]);
    }
  });

  it("may fail, read nothing or not be there", async () => {
    expect(await runOnFailure(script("exit 7"), { ...failure, errors: ["x".repeat(100_000)] })).to.equal("ended with 7");
    expect(await runOnFailure(join(folder, "nowhere"), failure)).to.match(/^could not be run: .*ENOENT/);
    expect(await runOnFailure("a\0b", failure)).to.match(/^could not be run: /);
  });

  it("is ended when it takes too long", async () => {
    expect(await runOnFailure(script("exec sleep 600"), failure, 200)).to.equal("was ended by SIGKILL");
  });

  it("must be there when watch starts", () => {
    const program = script("");
    checkProgram(program, {});
    checkProgram("a script", { PATH: `/nowhere:${folder}` });
    for (const other of [`${program} --flag`, "a script", join(folder, "nowhere"), ""]) {
      expect(() => checkProgram(other, { PATH: "/nowhere" })).to.throwError({ code: "not-found", hint: /without a shell/ });
    }
  });
});
