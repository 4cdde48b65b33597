import { Memo } from "../../provider/async/memo.js";
import type { Digest } from "../../provider/image/digest.js";
import type { Reference } from "../../provider/image/reference.js";
import type { Repositories } from "../../provider/registry/repository.js";
import { readImage, type ReadImage } from "./read-image.js";

const DAY = 24 * 60 * 60 * 1000;

/** The base as its repository has it: each tag and each digest is asked for once. */
export class BaseImage {
  readonly reference: Reference;
  readonly #repositories: Repositories;
  readonly #tags = new Memo<Digest | undefined>("all");
  readonly #images = new Memo<ReadImage | undefined>("all");

  constructor(repositories: Repositories, reference: Reference) {
    this.#repositories = repositories;
    this.reference = reference;
  }

  /** Whether a name means the base: the same repository, and the same tag where both have one. */
  isNamed({ repository, tag }: Reference): boolean {
    const same = this.#repositories.key(repository) === this.#repositories.key(this.reference.repository);
    if (!same) return false;
    return tag === undefined || this.reference.tag === undefined || tag === this.reference.tag;
  }

  /** What a tag points at now; by default the tag that was asked for, or the digest. Undefined where there is none. */
  async current(tag: string | undefined = this.reference.tag): Promise<ReadImage | undefined> {
    const { repository, digest } = this.reference;
    if (tag === undefined) return digest === undefined ? undefined : this.at(digest);
    const found = await this.#tags.run(tag, async () => (await this.#repositories.open(repository).headManifest(tag))?.digest);
    return found === undefined ? undefined : this.at(found);
  }

  /** Undefined where the repository no longer has it. */
  at(digest: Digest): Promise<ReadImage | undefined> {
    return this.#images.run(digest, () => readImage(this.#repositories.open(this.reference.repository), digest));
  }
}

/** Whole days between the creation of two images; undefined where either is not known. */
export async function daysBetween(older: ReadImage, newer: ReadImage): Promise<number | undefined> {
  const [from, to] = [(await older.facts()).created, (await newer.facts()).created];
  return from === undefined || to === undefined ? undefined : Math.floor((to - from) / DAY);
}

/** Whether an image has at its start the layers of another one, for some platform, and is not that one itself. */
export async function beginsWith(image: ReadImage, base: ReadImage): Promise<boolean> {
  if (base.manifests.has(image.digest)) return false;
  return (await base.allLayers()).some((layers) => layers.length > 0 && layers.every((digest, at) => image.layers[at] === digest));
}
