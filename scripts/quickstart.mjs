// npm run quickstart: from a fresh clone to a customized image, with the real Pulumi engine. --destroy removes everything again.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensurePulumi } from "./pulumi-cli.mjs";
import { findOnPath, runMain, runOrThrow, say } from "./run.mjs";
import { binFolder, ensureDist, ensureNodeModules, root } from "./workspace.mjs";

const stack = "quickstart";
const folder = join(root, ".quickstart");

/** The environment, besides PATH, that a shell needs to work on the quickstart's stack. */
const pulumiEnv = () => ({
  PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
  PULUMI_CONFIG_PASSPHRASE: "",
  PULUMI_HOME: join(folder, "pulumi-home"),
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
});

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function writeEnvFile(paths) {
  const lines = Object.entries(pulumiEnv()).map(([name, value]) => `export ${name}=${quote(value)}`);
  writeFileSync(join(folder, "env.sh"), `${lines.join("\n")}\nexport PATH=${paths.map(quote).join(":")}:"$PATH"\n`);
}

function pulumiRunner(paths) {
  const env = { ...process.env, ...pulumiEnv(), PATH: `${paths.join(":")}:${process.env.PATH ?? ""}` };
  // Ctrl-C reaches the CLI as well: it ends the operation, and this script ends after it.
  process.on("SIGINT", () => undefined);
  return (args, options) =>
    runOrThrow("pulumi", ["-C", root, ...(process.stdout.isTTY ? [] : ["--non-interactive"]), ...args], { env, cwd: root, ...options });
}

const hasStack = async (pulumi) =>
  JSON.parse((await pulumi(["stack", "ls", "--json"])).output).some(({ name }) => name.split("/").at(-1) === stack);

function show(outputs) {
  const lines = Object.entries(outputs).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    return `  ${name}: ${text.replaceAll("\n", "\n  ")}`;
  });
  say(`\nOutputs of the stack:\n${lines.join("\n")}`);
}

function showNext(outputs) {
  const layoutRef = JSON.stringify(outputs).match(/\d+[\w.-]*_[\w.-]+/)?.[0];
  const look =
    layoutRef && findOnPath("skopeo") ? [["inspect the image", `skopeo inspect --config oci:.quickstart/registry:${layoutRef}`]] : [];
  const commands = [
    ["once per shell", ". .quickstart/env.sh"],
    ["show pending changes", "pulumi preview --diff"],
    ["apply a changed program", "pulumi up"],
    ["show the outputs", "pulumi stack output --json"],
    ...look,
    ["remove everything", "npm run quickstart -- --destroy"],
  ];
  const width = Math.max(...commands.map(([, command]) => command.length));
  say(`\nNext:\n${commands.map(([why, command]) => `  ${command.padEnd(width)}  # ${why}`).join("\n")}`);
}

async function destroy() {
  if (!existsSync(folder)) return say("There is no .quickstart folder: nothing to remove.");
  if (existsSync(join(folder, "state"))) {
    await ensureNodeModules();
    const { folder: cli } = await ensurePulumi();
    const pulumi = pulumiRunner([cli, binFolder]);
    if (await hasStack(pulumi)) {
      await pulumi(["destroy", "--yes", "--remove", "--stack", stack], { stdio: "inherit" });
    }
  }
  rmSync(folder, { recursive: true, force: true });
  say("Removed the stack and .quickstart.");
}

async function up() {
  const started = Date.now();
  if (!existsSync(join(root, "Pulumi.yaml")))
    throw new Error("Pulumi.yaml is missing in the project's folder: run this in a complete clone");
  await ensureNodeModules();
  // They are independent; failures are reported after both have ended.
  const [cli, ...rest] = await Promise.allSettled([ensurePulumi(), ensureDist()]);
  const failures = [cli, ...rest].filter(({ status }) => status === "rejected").map(({ reason }) => reason.message);
  if (failures.length > 0) throw new Error(failures.join("\n\n"));
  mkdirSync(join(folder, "state"), { recursive: true });
  const paths = [cli.value.folder, binFolder];
  writeEnvFile(paths);
  const pulumi = pulumiRunner(paths);
  if (!(await hasStack(pulumi))) await pulumi(["stack", "init", stack]);
  say(`\nRunning pulumi up (Pulumi ${cli.value.version}) …`);
  await pulumi(["up", "--yes", "--stack", stack], { stdio: "inherit" });
  const outputs = JSON.parse((await pulumi(["stack", "output", "--json", "--stack", stack])).output);
  show(outputs);
  showNext(outputs);
  say(`\nDone in ${Math.round((Date.now() - started) / 1000)} s.`);
}

await runMain(async (args) => {
  const unknown = args.filter((argument) => argument !== "--destroy");
  if (unknown.length > 0) throw new Error(`npm run quickstart does not accept ${unknown.join(" ")}; its only option is --destroy`);
  await (args.includes("--destroy") ? destroy() : up());
});
