// Programs out of Debian packages of other releases than the machine's, for tests: cosign 2 and 3, and oras. apt verifies the release, the
// index and the package by their signature and hashes, in folders of its own, so neither root nor an installation is needed.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, makeWorkFolder } from "./cache-folder.mjs";
import { readRelease } from "./rootfs.mjs";
import { findOnPath, runMain, runOrThrow, say } from "./run.mjs";

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** By the variable that says where it is: the package, the release that has it, and the start of its version. */
const programs = {
  DHI_COSIGN2: { name: "cosign", suite: "trixie", version: "2." },
  DHI_COSIGN3: { name: "cosign", suite: "sid", version: "3." },
  DHI_ORAS: { name: "oras", suite: "trixie", version: "1." },
};

/** The mirror of Debian's main archive that the machine's apt uses, from the output of `apt-get indextargets`. */
export function findMirror(targets, { id, codename }) {
  if (id !== "debian") return undefined;
  const lines = targets.split("\n").map((line) => line.split("|"));
  return lines.find(([, release]) => release === codename)?.[0];
}

async function readMirror() {
  const missing = ["apt-get", "dpkg-deb"].filter((command) => findOnPath(command) === undefined);
  if (missing.length > 0) throw new Error(`this machine has no ${missing.join(" and no ")}, by which Debian's packages are had`);
  const { output } = await runOrThrow("apt-get", ["indextargets", "--format", "$(REPO_URI)|$(RELEASE)", "Created-By: Packages"]);
  const mirror = findMirror(output, readRelease());
  if (mirror === undefined) throw new Error("this machine's apt has no archive of Debian");
  if (!existsSync(keyring)) throw new Error(`${keyring} is missing: install debian-archive-keyring`);
  return mirror;
}

/** Options that keep apt in `work`: its sources, lists, archives, and a status without packages. */
function aptOptions(work, mirror, suite) {
  for (const folder of ["lists/partial", "archives/partial", "parts"]) mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, "status"), "");
  writeFileSync(join(work, "sources.list"), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const options = {
    "Dir::Etc::SourceList": join(work, "sources.list"),
    "Dir::Etc::SourceParts": join(work, "parts"),
    "Dir::State::Lists": join(work, "lists"),
    "Dir::State::Status": join(work, "status"),
    "Dir::Cache": work,
    "Dir::Cache::archives": join(work, "archives"),
    "Acquire::Languages": "none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    // The user _apt may not write into the user's cache.
    "APT::Sandbox::User": "root",
  };
  return Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** `<cache>/tools/<name>-<version>/<name>`, the newest there is with this start of a version. */
function findProgram({ name, version }) {
  const folder = cacheFolder("tools");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.filter((entry) => entry.startsWith(`${name}-${version}`) && existsSync(join(folder, entry, name)));
  const newest = found.sort((one, other) => one.localeCompare(other, "en", { numeric: true })).at(-1);
  return newest === undefined ? undefined : join(folder, newest, name);
}

async function getPrograms(suite, wanted, mirror) {
  const work = makeWorkFolder(cacheFolder("tools"));
  try {
    const options = aptOptions(work, mirror, suite);
    say(`Getting ${wanted.map(({ name }) => name).join(" and ")} from Debian ${suite} …`);
    await runOrThrow("apt-get", [...options, "update", "-q"]);
    for (const { name, version } of wanted) {
      await runOrThrow("apt-get", [...options, "download", "-q", name], { cwd: work });
      const file = readdirSync(work).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith(".deb"));
      const found = decodeURIComponent(file.split("_")[1]);
      if (!found.startsWith(version)) throw new Error(`Debian ${suite} has ${name} ${found}, but tests need ${version}x`);
      const unpacked = join(work, `unpacked-${name}`);
      await runOrThrow("dpkg-deb", ["-x", join(work, file), unpacked]);
      const folder = join(work, `done-${name}`);
      mkdirSync(folder);
      renameSync(join(unpacked, "usr", "bin", name), join(folder, name));
      const target = cacheFolder("tools", `${name}-${found}`);
      if (!existsSync(target)) renameSync(folder, target);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The paths by variable. Throws where one is neither in the cache nor to be had, with the reason. */
export async function ensurePrograms(variables = Object.keys(programs)) {
  const missing = variables.map((variable) => programs[variable]).filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) {
    const mirror = await readMirror();
    for (const suite of new Set(missing.map((program) => program.suite))) {
      const wanted = missing.filter((program) => program.suite === suite);
      await getPrograms(suite, wanted, mirror);
    }
  }
  return Object.fromEntries(variables.map((variable) => [variable, findProgram(programs[variable])]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    for (const [variable, path] of Object.entries(await ensurePrograms())) say(`export ${variable}=${path}`);
  });
}
