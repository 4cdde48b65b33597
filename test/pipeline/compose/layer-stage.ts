import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Descriptor } from "../../../provider/image/descriptor.js";
import { hexOf, type Digest } from "../../../provider/image/digest.js";
import { parseIndex, parseManifest } from "../../../provider/image/manifest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import type { ValueMap } from "../../../provider/values.js";
import { checkWith, Workshop, type State } from "../workshop.js";

export const script = { path: "/opt/run", content: "#!/bin/sh\n", uid: 0, gid: 0, mode: "0755" };

export const digestIn = ({ outputs }: Pick<State, "outputs">): Digest => outputs["digest"] as Digest;

/** The same inputs except for a variable, which is not in any layer. */
export const changed = (inputs: ValueMap): ValueMap => ({ ...inputs, environment: { A: "1" } });

export interface Started {
  readonly at: string;
  readonly inputs: ValueMap;
  readonly state: State;
}

/** Images in state, each with a script and a base of its own. */
export class LayerStage {
  #count = 0;

  private constructor(readonly shop: Workshop) {}

  static async open(): Promise<LayerStage> {
    return new LayerStage(await Workshop.open());
  }

  /** Empties the cache. */
  async start(): Promise<Started> {
    const at = `oci:started-${(this.#count += 1)}`;
    await this.shop.put(at, "1");
    const inputs = { repository: at, version: "1", suffix: "custom", scripts: [script] };
    const state = await this.shop.up("customization", inputs);
    this.shop.loseCache();
    return { at, inputs, state };
  }

  open(at: string): ImageRepository {
    return this.shop.session().repositories.open(parseRepository(at));
  }

  removeBlob(at: string, digest: Digest): Promise<void> {
    return rm(join(this.shop.folder, at.slice(4), "blobs", "sha256", hexOf(digest)));
  }

  /** Of all platforms. */
  async layersOf(at: string, digest: Digest): Promise<readonly Descriptor[]> {
    const manifestOf = async (of: Digest): Promise<Buffer> => (await this.open(at).getManifest(of))?.bytes ?? Buffer.from("");
    const children = parseIndex(await manifestOf(digest), "it").manifests;
    const manifests = await Promise.all(children.map(async (child) => parseManifest(await manifestOf(child.digest), "it")));
    return manifests.flatMap(({ layers }) => layers);
  }

  /** The digest of the image without forgery. */
  async honest(inputs: ValueMap): Promise<Digest> {
    const { derived } = await checkWith(this.shop.session(), "customization", { news: { ...inputs, destination: "oci:honest" } });
    this.shop.loseCache();
    return derived["digest"] as Digest;
  }
}
