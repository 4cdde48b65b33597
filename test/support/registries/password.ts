import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A bcrypt hash for htpasswd files, from the C library's `crypt` through perl, which every Debian has. */
export async function hashPassword(password: string): Promise<string> {
  const letters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const salt = [...randomBytes(21)].map((byte) => letters[byte % 64]).join("");
  const env = { ...process.env, DHI_TEST_PASSWORD: password, DHI_TEST_SALT: `$2y$04$${salt}u` };
  const { stdout } = await run("perl", ["-e", "print crypt($ENV{DHI_TEST_PASSWORD}, $ENV{DHI_TEST_SALT})"], { env });
  if (!stdout.startsWith("$2y$")) throw new Error("this machine's crypt does not support bcrypt");
  return stdout;
}
