import { runProgram } from "./programs.js";

/** An image config as skopeo shows it. */
export interface InspectedConfig {
  readonly architecture: string;
  readonly os: string;
  readonly created?: string;
  readonly history: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[];
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly config: {
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Env?: readonly string[];
    readonly Labels?: Readonly<Record<string, string>>;
    readonly User?: string;
    readonly WorkingDir?: string;
    readonly [field: string]: unknown;
  };
}

export interface InspectedDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface InspectedIndex {
  readonly mediaType: string;
  readonly manifests: readonly InspectedDescriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface InspectedManifest {
  readonly mediaType: string;
  readonly config: InspectedDescriptor;
  readonly layers: readonly InspectedDescriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

const insecure = "--tls-verify=false";

/** `ref`: `host/name:tag` or `host/name@digest`. */
export async function inspectConfig(ref: string, architecture = "amd64"): Promise<InspectedConfig> {
  const text = await runProgram("skopeo", ["--override-arch", architecture, "inspect", insecure, "--config", "--raw", `docker://${ref}`]);
  return JSON.parse(Buffer.from(text, "latin1").toString()) as InspectedConfig;
}

export async function inspectIndex(ref: string): Promise<InspectedIndex> {
  const text = await runProgram("skopeo", ["inspect", insecure, "--raw", `docker://${ref}`]);
  return JSON.parse(Buffer.from(text, "latin1").toString()) as InspectedIndex;
}

/** The manifests of an index, in its order. */
export async function inspectManifests(ref: string): Promise<readonly InspectedManifest[]> {
  const { manifests } = await inspectIndex(ref);
  const repository = ref.replace(/@.*|:[^:/]*$/, "");
  return Promise.all(manifests.map(async ({ digest }) => (await inspectIndex(`${repository}@${digest}`)) as unknown as InspectedManifest));
}

export async function listTags(repository: string): Promise<readonly string[]> {
  const { Tags } = JSON.parse(await runProgram("skopeo", ["list-tags", insecure, `docker://${repository}`])) as { Tags: string[] };
  return Tags.sort();
}
