import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { listFields, readTargets, type AptList } from "./lists.js";

const run = promisify(execFile);

/** What apt would do. */
export type Simulation =
  | {
      readonly kind: "installs";
      /** Name to version: what is new, and what would be upgraded. */
      readonly added: ReadonlyMap<string, string>;
      readonly upgraded: ReadonlyMap<string, string>;
      readonly removed: readonly string[];
    }
  | { readonly kind: "refuses"; readonly message: string };

/** Real apt with a state of its own: a base's status file and the machine's lists. Nothing of the machine is written. */
export class AptRoot {
  readonly #folder: string;
  readonly #options: readonly string[];

  private constructor(folder: string, options: readonly string[]) {
    this.#folder = folder;
    this.#options = options;
  }

  /** `fetch`: for another architecture than that of `lists`, whose package indexes apt gets from where `lists` come from. */
  static async open(
    status: string | Buffer,
    lists: readonly AptList[],
    architecture: string,
    fetch: "fetch" | "as they are" = "as they are",
  ): Promise<AptRoot> {
    const folder = await mkdtemp(join(tmpdir(), "dhi-apt-"));
    const state = join(folder, "state");
    for (const name of ["state/lists/partial", "cache/archives/partial", "etc/preferences.d", "etc/apt.conf.d"]) {
      await mkdir(join(folder, name), { recursive: true });
    }
    await writeFile(join(folder, "status"), status);
    await writeFile(join(state, "extended_states"), "");
    const sources = lists.map(({ url, suite, component }) => `deb [trusted=yes] ${url} ${suite} ${component}`);
    await writeFile(join(folder, "sources.list"), `${[...new Set(sources)].join("\n")}\n`);
    for (const { file } of fetch === "fetch" ? [] : lists) {
      await symlink(file, join(state, "lists", basename(file)));
      const release = basename(file).replace(/_[^_]+_binary-[^_]+_Packages.*$/, "_InRelease");
      await symlink(join(dirname(file), release), join(state, "lists", release)).catch(() => undefined);
    }
    const settings = {
      "Dir::State": state,
      "Dir::State::status": join(folder, "status"),
      "Dir::Cache": join(folder, "cache"),
      // Images of Debian switch these off.
      "Dir::Cache::pkgcache": "pkgcache.bin",
      "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
      "Dir::Etc::sourcelist": join(folder, "sources.list"),
      "Dir::Etc::sourceparts": "/dev/null",
      "Dir::Etc::preferences": "/dev/null",
      "Dir::Etc::preferencesparts": join(folder, "etc/preferences.d"),
      "APT::Architecture": architecture,
      "APT::Architectures::": architecture,
      "Debug::NoLocking": "true",
      "APT::Get::Show-User-Simulation-Note": "false",
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    if (fetch === "fetch") await run("apt-get", [...options, ...quickUpdate, "-q=2", "update"]);
    // Once, so that each run maps it instead of reading the lists again.
    await run("apt-cache", [...options, "gencaches"]);
    return new AptRoot(folder, options);
  }

  /** Another base. */
  async setStatus(status: string | Buffer): Promise<void> {
    if (Buffer.from(status).equals(await readFile(join(this.#folder, "status")))) return;
    await writeFile(join(this.#folder, "status"), status);
    await run("apt-cache", [...this.#options, "gencaches"]);
  }

  /** The package indexes that this apt has. */
  async lists(): Promise<readonly AptList[]> {
    const { stdout } = await run("apt-get", [...this.#options, "indextargets", "--format", listFields, "Created-By: Packages"]);
    return readTargets(stdout);
  }

  /** `apt-get -s install --no-install-recommends`. */
  async simulate(...packages: readonly string[]): Promise<Simulation> {
    return await this.#simulate(["install", "--no-install-recommends", "--", ...packages]);
  }

  /** `apt-get -s upgrade --with-new-pkgs --no-install-recommends`. */
  async simulateUpgrade(): Promise<Simulation> {
    return await this.#simulate(["upgrade", "--with-new-pkgs", "--no-install-recommends"]);
  }

  async #simulate(command: readonly string[]): Promise<Simulation> {
    const args = [...this.#options, "-q=2", "-s", ...command];
    try {
      const { stdout } = await run("apt-get", args, { env: { ...process.env, LC_ALL: "C" }, maxBuffer: 2 ** 26 });
      return readSimulation(stdout);
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
      return { kind: "refuses", message: `${stdout}\n${stderr}`.trim() };
    }
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Neither translations nor the age of an archive matter here, and apt as root may read what only root can. */
const quickUpdate = [
  "Acquire::Languages=none",
  "Acquire::Check-Valid-Until=false",
  "APT::Sandbox::User=root",
  "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
].flatMap((setting) => ["-o", setting]);

/** `Inst name [old] (new source [arch])`, `Remv name [old]`. */
function readSimulation(output: string): Simulation {
  const added = new Map<string, string>();
  const upgraded = new Map<string, string>();
  const removed: string[] = [];
  for (const line of output.split("\n")) {
    const [, verb, qualified = "", old, version = ""] = /^(Inst|Remv) (\S+)(?: \[([^\]]+)\])?(?: \((\S+))?/.exec(line) ?? [];
    const [name = ""] = qualified.split(":");
    if (verb === "Remv") removed.push(name);
    else if (verb === "Inst") (old === undefined ? added : upgraded).set(name, version);
  }
  return { kind: "installs", added, upgraded, removed };
}
