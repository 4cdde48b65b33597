import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { toIndexArchive } from "./made-archive.js";
import type { MadeRepository } from "./made-case.js";
import { alpine } from "../../packages/apk/install/alpine-root.js";

const run = promisify(execFile);

/** What apk would do, packages as `name-version`, in apk's order. */
export interface Simulation {
  readonly kind: "changes" | "refuses";
  readonly output: string;
  readonly installed: readonly string[];
  readonly upgraded: readonly string[];
  readonly downgraded: readonly string[];
  readonly removed: readonly string[];
  readonly order: readonly string[];
}

/** A root of its own for one case. */
export interface MadeRoot {
  /** Text of the installed database, and of world. */
  readonly base: string;
  readonly world: string;
  readonly repositories: readonly MadeRepository[];
}

/** A repository that apk is told of: a folder below the root, and its `@tag`. */
export interface RepositoryLine {
  readonly path: string;
  readonly tag?: string | undefined;
}

/** Alpine's own root filesystem unpacked, with apk 2.14 in it, and repositories that are package indexes only. */
export class ApkRoot {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<ApkRoot> {
    const folder = await mkdtemp(join(tmpdir(), "dhi-apk-"));
    await run("tar", ["-xzf", join(alpine ?? "", "alpine-minirootfs-3.19.4-x86_64.tar.gz"), "-C", folder]);
    await writeFile(join(folder, "etc/apk/repositories"), "");
    return new ApkRoot(folder);
  }

  /** Makes another root below this one, for `--root`: a base with a world, and repositories of made archives beside it. */
  async addCase(name: string, { base, world, repositories }: MadeRoot): Promise<string> {
    const folder = `case/${name}`;
    const lines = repositories.map(({ tag }, at) => `${tag === undefined ? "" : `@${tag} `}/${folder}/${at}\n`);
    await this.write(`${folder}/lib/apk/db/installed`, base);
    await this.write(`${folder}/lib/apk/db/triggers`, "");
    await this.write(`${folder}/lib/apk/db/scripts.tar`, "");
    await this.write(`${folder}/etc/apk/world`, world);
    await this.write(`${folder}/etc/apk/arch`, "x86_64\n");
    await this.write(`${folder}/etc/apk/repositories`, lines.join(""));
    for (const [at, repository] of repositories.entries()) {
      await this.write(`${folder}/${at}/x86_64/APKINDEX.tar.gz`, toIndexArchive(repository.lines));
    }
    for (const empty of ["etc/apk/keys", "var/cache/apk", "tmp"]) await mkdir(join(this.folder, folder, empty), { recursive: true });
    return `/${folder}`;
  }

  /** Puts a file below the root: `repo/main/x86_64/APKINDEX.tar.gz`. */
  async write(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), content);
  }

  async read(path: string): Promise<string> {
    return await readFile(join(this.folder, path), "latin1");
  }

  async setRepositories(lines: readonly RepositoryLine[]): Promise<void> {
    await this.write("etc/apk/repositories", lines.map(({ path, tag }) => `${tag === undefined ? "" : `@${tag} `}${path}\n`).join(""));
  }

  /** `apk add --simulate` for each list of arguments, in one process of the chroot. */
  async simulate(requests: readonly (readonly string[])[], roots: readonly string[] = []): Promise<readonly Simulation[]> {
    return await this.#simulate(
      requests.map((args, at) => {
        const root = roots[at] === undefined ? "" : `--root ${roots[at]} `;
        return `apk add ${root}${simulation} -- ${args.map(quote).join(" ")}`;
      }),
    );
  }

  /** `apk upgrade --simulate` in each of these roots. */
  async simulateUpgrades(roots: readonly string[]): Promise<readonly Simulation[]> {
    return await this.#simulate(roots.map((root) => `apk upgrade --root ${root} ${simulation}`));
  }

  async #simulate(commands: readonly string[]): Promise<readonly Simulation[]> {
    const lines = commands.map((command) => `${command} 2>&1; echo "==$?"`);
    const output = await this.#shell(lines.join("\n"));
    const parts = output.split(/^==(\d+)\n/m);
    return commands.map((_, at) => readSimulation(parts[at * 2] ?? "", parts[at * 2 + 1] ?? ""));
  }

  /** Runs a script in the chroot; what it writes. Throws when it fails. */
  async #shell(script: string): Promise<string> {
    const child = spawn("chroot", [this.folder, "/bin/sh"], {
      env: { PATH: "/sbin:/bin:/usr/sbin:/usr/bin" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stdin.end(`${script}\n`);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("close", resolve);
      child.on("error", reject);
    });
    if (code !== 0) throw new Error(`the chroot's shell ended with ${String(code)}`);
    return Buffer.concat(chunks).toString("latin1");
  }

  /** Copies a folder below the root. */
  async copy(folder: string, path: string): Promise<void> {
    await cp(folder, join(this.folder, path), { recursive: true });
  }

  /** `apk add`, in earnest. */
  async add(args: readonly string[]): Promise<void> {
    await this.#shell(`apk add --no-network --allow-untrusted -- ${args.map(quote).join(" ")} >/dev/null`);
  }

  /** What apk writes to world, which is then as before: only for what needs no package. */
  async addToWorld(args: readonly string[]): Promise<string> {
    const before = await this.read("etc/apk/world");
    await this.add(args);
    const after = await this.read("etc/apk/world");
    await this.write("etc/apk/world", before);
    return after;
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

const simulation = "--simulate --no-network --allow-untrusted";

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `(1/3) Installing name (1.0-r0)`, `Upgrading name (1.0-r0 -> 1.1-r0)`, and an exit code. */
function readSimulation(output: string, code: string): Simulation {
  const changes = output.split("\n").flatMap((line) => {
    const [, verb, name, version] = /^\(\d+\/\d+\) (\w+) ([^\s@]+)(?:@\S+)? \((?:\S+ -> )?(\S+)\)$/.exec(line) ?? [];
    return verb === undefined ? [] : [{ verb, item: `${name}-${version}` }];
  });
  const items = (...verbs: readonly string[]): readonly string[] =>
    changes.filter(({ verb }) => verbs.includes(verb)).map(({ item }) => item);
  return {
    kind: code === "0" ? "changes" : "refuses",
    output,
    installed: items("Installing"),
    upgraded: items("Upgrading", "Replacing"),
    downgraded: items("Downgrading"),
    removed: items("Purging"),
    order: items("Installing", "Upgrading", "Replacing", "Downgrading"),
  };
}
