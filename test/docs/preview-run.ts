import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { buildArchive, type ArchiveFiles } from "../support/archives/archive.js";
import type { DebSpec } from "../support/archives/deb.js";
import { makeKey, type ArchiveKey } from "../support/archives/keys.js";
import { serveArchive } from "../support/archives/serve.js";
import { openProject, packageFolder, type EngineProject } from "../support/engine/index.js";
import { makeImage, putImage, type MadeImage } from "../support/images/image.js";
import { directory, file, layerTar } from "../support/images/layer-tar.js";
import { startCraneRegistry, startForwardProxy } from "../support/registries/index.js";

const registryHost = "registry.example.com";
const archiveHost = "mirror.example.com";

/** The archive before and after a patch of the library that curl needs. */
const library = { before: "7.88.1-10+deb12u12", after: "7.88.1-10+deb12u14" };
const released = { before: new Date("2025-01-10T08:00:00Z"), after: new Date("2025-01-17T08:00:00Z") };

/** The program that the README shows. */
export function readProgram(): string {
  const [, program] = /\n```ts\n([\s\S]*?)```\n/.exec(readFileSync(join(packageFolder, "README.md"), "utf8")) ?? [];
  if (program === undefined) throw new Error("README.md has no program");
  return program;
}

/**
 * What the CLI prints, with its colours, for a preview of the README's program after one `up`, when three things have changed:
 * the base was patched, the archive has a newer package, and the program another value. Needs the engine and crane.
 */
export async function runPreview(): Promise<string> {
  const key = await makeKey("archive");
  const served: ArchiveFiles = await debianArchive(key, "before");
  const archive = await serveArchive(served);
  const registry = await startCraneRegistry();
  if (registry === undefined) throw new Error("crane is not here");
  const routes = new Map([
    [`${registryHost}:80`, registry.host],
    [`${archiveHost}:80`, new URL(archive.url).host],
  ]);
  const proxy = await startForwardProxy({ route: (target) => routes.get(target) });
  const project = await openProject("", "images");
  try {
    await project.config({
      "dhi:registries": { [registryHost]: { plainHttp: true } },
      "dhi:packageSources": { "debian:bookworm": [{ url: `http://${archiveHost}/debian`, keys: [key.armored] }] },
    });
    const repositories = openRepositories({ projectDirectory: "/", env: {} });
    const base = repositories.open(parseRepository(`${registry.host}/acme/dhi-python`));
    const env = { HTTP_PROXY: proxy.url };

    await putImage(base, pythonBase("3.13.1"), "3.13");
    await write(project, readProgram());
    const up = await project.up({ env });
    if (up.code !== 0) throw new Error(up.text);

    await putImage(base, pythonBase("3.13.2"), "3.13");
    for (const [path, bytes] of await debianArchive(key, "after")) served.set(path, bytes);
    await write(project, readProgram().replace('"info"', '"debug"'));
    // Not `project.preview`: its event log needs the CLI's debug mode, which shows properties that users do not see.
    const args = ["preview", "--diff", "--color", "always", "--suppress-progress", "--stack", "dev"];
    const preview = await project.pulumi(args, { ...env, PULUMI_DEBUG_COMMANDS: "false" });
    await repositories.close();
    if (preview.code !== 0) throw new Error(preview.text);
    return preview.text;
  } finally {
    await project.remove();
    await Promise.all([proxy.stop(), archive.stop(), registry.stop()]);
  }
}

async function write(project: EngineProject, program: string): Promise<void> {
  await project.write("package.json", '{ "type": "module" }\n');
  await project.write("index.js", program);
}

/** A base of two platforms; `release` is what a patch changes. */
function pythonBase(release: string): MadeImage {
  const items = [
    ...["etc", "opt", "usr", "usr/bin", "usr/lib", "var", "var/lib", "var/lib/dpkg"].map((path) => directory(path)),
    file("etc/group", "root:x:0:\n"),
    file("etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n"),
    file("etc/passwd", "root:x:0:0:root:/root:/usr/sbin/nologin\n"),
    file("usr/bin/python3", release, { mode: 0o755 }),
  ];
  const status = (architecture: string): string =>
    `Package: base-files\nStatus: install ok installed\nArchitecture: ${architecture}\nVersion: 12.4\nDescription: it\n`;
  return makeImage({
    platforms: ["amd64", "arm64"].map((architecture) => ({
      platform: `linux/${architecture}`,
      layers: [{ tar: layerTar([...items, file("var/lib/dpkg/status", status(architecture))]) }],
      config: { Entrypoint: ["python3"] },
    })),
  });
}

function debianArchive(key: ArchiveKey, time: "before" | "after"): Promise<ArchiveFiles> {
  const version = library[time];
  const packages: readonly DebSpec[] = [
    {
      name: "curl",
      version,
      architecture: "all",
      fields: { Depends: "libcurl4" },
      files: [{ name: "usr/bin/curl", mode: 0o755, data: version }],
    },
    { name: "libcurl4", version, architecture: "all", files: [{ name: "usr/lib/libcurl.so.4", data: version }] },
  ];
  return buildArchive([{ suite: "bookworm", packages: { main: packages }, keys: [key], date: released[time] }]);
}
