import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cleanup } from "../running-test.js";
import { runProgram } from "./programs.js";

/** `docker://host/name@digest` or `oci:/path:tag`, as skopeo and buildah name images. */
export type ImageName = string;

/** buildah with its own storage and the overlay driver. */
export interface Buildah {
  /** Mounts the image's combined layers, and returns the path. */
  readonly mount: (image: ImageName) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export function openBuildah(folder: string): Buildah {
  const storage = ["--root", join(folder, "containers"), "--runroot", join(folder, "containers-run"), "--storage-driver", "overlay"];
  const containers: string[] = [];
  return {
    mount: async (image) => {
      const name = (await runProgram("buildah", [...storage, "from", "--quiet", "--tls-verify=false", image])).trim();
      containers.push(name);
      return (await runProgram("buildah", [...storage, "mount", name])).trim();
    },
    stop: async () => {
      for (const name of containers) await runProgram("buildah", [...storage, "umount", name]);
      await runProgram("buildah", [...storage, "rmi", "--all", "--force"]);
    },
  };
}

/** Copies an image into a layout with gzip layers, the only ones that umoci reads; returns the layout and tag as umoci names them. */
export async function copyForUmoci(image: ImageName, layout: string, tag: string, platform = "linux/amd64"): Promise<string> {
  const [os = "", architecture = ""] = platform.split("/");
  const choice = ["--override-os", os, "--override-arch", architecture];
  const source = image.startsWith("docker:") ? ["--src-tls-verify=false"] : [];
  await runProgram("skopeo", [...choice, "copy", "--quiet", ...source, "--dest-compress-format", "gzip", image, `oci:${layout}:${tag}`]);
  return `${layout}:${tag}`;
}

/** Unpacks into a runtime bundle, `rootfs` and `config.json`; returns the bundle. */
export async function unpackWithUmoci(folder: string, image: ImageName, tag: string, platform?: string): Promise<string> {
  const bundle = join(folder, `bundle-${tag}`);
  await mkdir(folder, { recursive: true });
  const name = await copyForUmoci(image, join(folder, "umoci"), tag, platform);
  await runProgram("umoci", ["unpack", "--image", name, bundle]);
  return bundle;
}

/** Stops what a test has started, last first, whatever fails. */
export function stopAfter(): (stop: () => Promise<void>) => void {
  const stops: (() => Promise<void>)[] = [];
  cleanup(async () => {
    const failures: unknown[] = [];
    for (const stop of stops.reverse()) await stop().catch((thrown: unknown) => failures.push(thrown));
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("\n"));
  });
  return (stop) => void stops.push(stop);
}
