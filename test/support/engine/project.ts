import { execFile, spawn, type ChildProcess } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { runCommand, runNode, type CommandRun } from "../command-line.js";
import { packageFolder } from "../package-folder.js";
import { runCli, type Run } from "./cli.js";
import { endLeftovers } from "./leftovers.js";
import { readState, type StackState } from "./state.js";

const run = promisify(execFile);

/** Why tests with the engine cannot run here; false when they can. */
export const skipWithoutEngine: string | false =
  (process.env["DHI_PULUMI"] ?? "") === "" ? "the Pulumi CLI is not here (DHI_PULUMI is not set)" : false;

export interface RunOptions {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A command and its first arguments that run the CLI, such as `nsenter`. */
  readonly through?: readonly string[];
  readonly onStart?: (child: ChildProcess) => void;
}

/** A Pulumi project in its own folder, with one stack in its own file backend. */
export interface EngineProject {
  readonly folder: string;
  /** `DHI_LOG` of every run: one line a request. */
  readonly logFile: string;
  /** Replaces the program. `pulumi` and `dhi` are imported. */
  program(text: string): Promise<void>;
  write(path: string, content: string, mode?: number): Promise<void>;
  /** Replaces the stack's configuration; keys with their namespace. */
  config(values: Readonly<Record<string, unknown>>): Promise<void>;
  /** Uses another, empty cache from now on. */
  emptyCache(): void;
  preview(options?: RunOptions): Promise<Run>;
  /** Without a preview first. */
  up(options?: RunOptions): Promise<Run>;
  refresh(options?: RunOptions): Promise<Run>;
  destroy(options?: RunOptions): Promise<Run>;
  /** Any other command; no event log. */
  pulumi(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Run>;
  /** Runs `pulumi-dhi`, as it is built in dist, in the project's folder. */
  command(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CommandRun>;
  /** Runs a program that drives the engine, in the project's folder: the Automation API. */
  automate(script: string): Promise<Pick<Run, "code" | "text">>;
  /** Starts a program in the project's folder, with what it needs to run the engine. */
  start(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess;
  state(): StackState;
  /** Kills what still runs in the folder. */
  remove(): Promise<void>;
}

const prelude = 'const pulumi = require("@pulumi/pulumi");\nconst dhi = require("pulumi-dhi");\n';

/** `name` is that of the project, which is part of URNs. */
export async function openProject(program: string, name = "test"): Promise<EngineProject> {
  const folder = await mkdtemp(join(tmpdir(), "dhi-engine-"));
  const place = join(folder, "project");
  const files = { events: join(folder, "events.jsonl"), log: join(folder, "requests.log"), stackConfig: join(place, "Pulumi.dev.yaml") };
  let caches = 0;
  const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PATH: [join(packageFolder, "node_modules", ".bin"), process.env["DHI_PULUMI"] ?? "", process.env["PATH"] ?? ""].join(":"),
    HOME: join(folder, "home"),
    XDG_CACHE_HOME: join(folder, `cache-${String(caches)}`),
    // Shared by all projects: compiling the SDK anew in each costs more than the tests in it.
    NODE_COMPILE_CACHE: join(packageFolder, "build", "compiled"),
    PULUMI_HOME: join(folder, "pulumi"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DEBUG_COMMANDS: "true",
    DHI_LOG: files.log,
    ...more,
  });
  const pulumi = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Run> =>
    runCli([...args, "--non-interactive"], { folder: place, env: environment(env), eventLog: undefined });
  const operate = async (args: readonly string[], { flags = [], env, through, onStart }: RunOptions = {}): Promise<Run> => {
    await rm(files.events, { force: true });
    const all = [...args, "--stack", "dev", "--non-interactive", "--color", "never", "--event-log", files.events, ...flags];
    return runCli(all, { folder: place, env: environment(env), eventLog: files.events, through, onStart });
  };
  const project: EngineProject = {
    folder: place,
    logFile: files.log,
    program: (text) => writeFile(join(place, "index.js"), prelude + text),
    write: async (path, content, mode) => {
      const file = join(place, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      if (mode !== undefined) await chmod(file, mode);
    },
    config: async (values) => {
      // JSON is valid YAML, and the salt of the passphrase must stay.
      const salt = /^encryptionsalt: .*$/m.exec(await readFile(files.stackConfig, "utf8"))?.[0] ?? "";
      await writeFile(files.stackConfig, `${salt}\nconfig: ${JSON.stringify(values)}\n`);
    },
    emptyCache: () => {
      caches += 1;
    },
    preview: (options) => operate(["preview"], options),
    up: (options) => operate(["up", "--yes", "--skip-preview"], options),
    refresh: (options) => operate(["refresh", "--yes", "--skip-preview"], options),
    destroy: (options) => operate(["destroy", "--yes", "--skip-preview"], options),
    pulumi,
    command: (args, env) => runCommand(args, place, environment(env)),
    automate: async (script) => {
      await project.write("automation.js", script);
      const { code, stdout, stderr } = await runNode(["automation.js"], place, environment());
      return { code, text: stdout + stderr };
    },
    start: (command, args, env) => spawn(command, args, { cwd: place, env: environment(env), stdio: ["ignore", "pipe", "pipe"] }),
    state: () => readState(join(folder, "state", ".pulumi", "stacks", name, "dev.json")),
    remove: async () => {
      endLeftovers(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
  for (const part of ["home", "state", "project/node_modules/@pulumi"]) await mkdir(join(folder, part), { recursive: true });
  await symlink(packageFolder, join(place, "node_modules", "pulumi-dhi"));
  await symlink(join(packageFolder, "node_modules", "@pulumi", "pulumi"), join(place, "node_modules", "@pulumi", "pulumi"));
  await project.write(
    "Pulumi.yaml",
    JSON.stringify({ name, runtime: { name: "nodejs", options: { typescript: false } }, main: "index.js" }),
  );
  await project.write("package.json", JSON.stringify({ name, private: true, dependencies: {} }));
  await project.program(program);
  await run("pulumi", ["stack", "init", "dev", "--non-interactive"], { cwd: place, env: environment() });
  return project;
}
