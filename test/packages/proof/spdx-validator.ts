import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { runProgram } from "../../support/images/programs.js";

const version = "0.8.5";

/** The validator of SPDX's own tools for Python, kept in the user's cache; or why there is none. It is installed only in the long form. */
export async function findSpdxValidator(): Promise<
  { readonly validate: (file: string) => Promise<string> } | { readonly missing: string }
> {
  const cache = process.env["XDG_CACHE_HOME"] ?? "";
  const folder = join(cache === "" ? join(homedir(), ".cache") : cache, "pulumi-dhi", "tools", `spdx-tools-${version}`);
  // By its interpreter, since a program of a moved environment names its old folder.
  const validate = (file: string): Promise<string> =>
    runProgram(join(folder, "bin", "python"), ["-m", "spdx_tools.spdx.clitools.pyspdxtools", "--infile", file]);
  if (existsSync(folder)) return { validate };
  if (process.env["DHI_LONG"] === undefined) return { missing: "spdx-tools is installed only in the long form" };
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(join(dirname(folder), ".work-"));
  try {
    await runProgram("python3", ["-m", "venv", work], { timeout: 120_000 });
    await runProgram(join(work, "bin", "python"), ["-m", "pip", "install", "--quiet", `spdx-tools==${version}`], { timeout: 180_000 });
    await rename(work, folder);
    return { validate };
  } catch (thrown) {
    await rm(work, { recursive: true, force: true });
    return { missing: `python3 with pip could not install spdx-tools: ${String(thrown)}` };
  }
}
