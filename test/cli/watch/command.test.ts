import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "mocha";
import { SECRET_VARIABLE } from "../../../cli/watch/secret.js";
import { expect } from "../../support/expectations.js";

const main = join(__dirname, "../../../cli/main.js");

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): { readonly code: number | null; readonly text: string } {
  try {
    const text = execFileSync(process.execPath, [main, "watch", ...args], { env, encoding: "utf8", stdio: "pipe" });
    return { code: 0, text };
  } catch (thrown) {
    const { status, stdout, stderr } = thrown as { readonly status: number | null; readonly stdout: string; readonly stderr: string };
    return { code: status, text: stdout + stderr };
  }
}

describe("pulumi-dhi watch", () => {
  it("shows its options with their defaults as users write them", () => {
    const { code, text } = run(["--help"]);
    expect(code).to.equal(0);
    for (const shown of ["127.0.0.1:8723", "(default: 1h)", "--no-poll", SECRET_VARIABLE]) expect(text).to.include(shown);
  });

  const stack = ["--stack", "dev"];
  const secret = { [SECRET_VARIABLE]: "a-secret-of-the-command" };
  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["no stack", [], /'--stack <name>' not specified/],
    ["a duration that is none", [...stack, "--poll", "5"], /It is not a duration\. Write 90s, 30m or 1h30m/],
    ["a poll that is too rare", [...stack, "--poll", "168h1s"], /The longest is 168h/],
    ["a debounce that is too long", [...stack, "--debounce", "1h1s"], /The longest is 1h/],
    ["an address without a host", [...stack, "--listen", ":80"], /":80" is not an address to listen on/],
    ["a secret as an argument", [...stack, "--secret", "x"], /unknown option '--secret'/],
    ["a program that is not there", [...stack, "--on-failure", "/nowhere/x"], /there is no program \/nowhere\/x/],
    [
      "a project that is not there",
      [...stack, "--poll", "168h", "--debounce", "1h", "--cwd", "/nowhere"],
      /the stack dev in \/nowhere cannot be opened/,
    ],
  ];
  for (const [name, args, message] of refused) {
    it(`refuses ${name}`, () => {
      const { code, text } = run(args, secret);
      expect(code).to.equal(1);
      expect(text).to.match(/^error: /);
      expect(text).to.match(message);
      expect(text).to.not.include("a-secret-of-the-command");
    });
  }

  it("refuses to start without a secret", () => {
    expect(run(stack)).to.deep.equal({
      code: 1,
      text: `error: the webhook has no secret. Make one with "openssl rand -hex 32", and put it in the file of --secret-file or in ${SECRET_VARIABLE}\n`,
    });
  });
});
