import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseRepository, type Repository } from "../../provider/image/reference.js";
import type { CheckRequest, CheckResult } from "../../provider/resources/lifecycle.js";
import type { StackSettings } from "../../provider/pulumi/settings.js";
import type { Session } from "../../provider/pipeline/session.js";
import type { ImageRepository } from "../../provider/registry/repository.js";
import type { ValueMap } from "../../provider/values.js";
import { makeImage, putImage, type ImageParts } from "../support/images/image.js";
import { directory, file, layerTar } from "../support/images/layer-tar.js";
import { lifecycles, type Resource } from "../support/session/publish.js";
import { keepRow, openSession } from "../support/session/session.js";

/** A project folder with layouts, and the operations of the engine in it. */
export class Workshop {
  #cache = "cache-0";

  private constructor(readonly folder: string) {}

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), "dhi-workshop-")));
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  /** Empties the cache for further sessions. */
  loseCache(): void {
    this.#cache = `cache-${Number(this.#cache.slice(6)) + 1}`;
  }

  /** The session of a new provider process. */
  session(settings: Partial<Omit<StackSettings, "cacheDirectory">> = {}): Session {
    return openSession({ projectDirectory: this.folder, cacheDirectory: join(this.folder, this.#cache), ...settings });
  }

  async write(path: string, content: string, mode = 0o644): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), content, { mode });
  }

  /** Puts an image that other code has made. Returns its digest. */
  async put(repository: string, tag: string, parts: ImageParts = baseParts("1")): Promise<string> {
    const image = makeImage(parts);
    await putImage(this.session().repositories.open(parseRepository(repository)), image, tag);
    return image.top.digest;
  }

  async head(repository: string, tag: string): Promise<string | undefined> {
    return (await this.session().repositories.open(parseRepository(repository)).headManifest(tag))?.digest;
  }

  /** One operation: check, diff with the old state, then create or update. */
  async up(resource: Resource, inputs: ValueMap, state?: State, session = this.session()): Promise<State> {
    const checked = await checkWith(session, resource, { news: inputs, olds: state?.inputs ?? {} });
    if (checked.failures.length > 0) throw new Error(checked.failures.map(({ reason }) => reason).join("\n"));
    const wanted = { ...checked.inputs, ...checked.derived };
    const row = keepRow();
    const lifecycle = lifecycles[resource];
    if (state === undefined) {
      const { id, outputs } = await lifecycle.create(session, wanted, row);
      return { id, inputs: wanted, outputs, did: "create", lines: [...checked.lines, ...row.lines] };
    }
    const replaces = lifecycle.diff(state.id, state.outputs, wanted);
    // The engine keeps the checked inputs when nothing changed.
    if (replaces === undefined) return { ...state, inputs: wanted, did: "same", lines: checked.lines };
    if (replaces.length > 0) return { ...state, inputs: wanted, did: `replace ${replaces.join()}`, lines: checked.lines };
    const outputs = await lifecycle.update(session, state.id, state.outputs, wanted, row);
    return { id: state.id, inputs: wanted, outputs, did: "update", lines: [...checked.lines, ...row.lines] };
  }
}

export interface State {
  readonly id: string;
  readonly inputs: ValueMap;
  readonly outputs: ValueMap;
  readonly did: string;
  readonly lines: readonly string[];
}

export async function checkWith(
  session: Session,
  resource: Resource,
  request: Partial<CheckRequest> & Pick<CheckRequest, "news">,
): Promise<CheckResult & { readonly lines: readonly string[] }> {
  const row = keepRow();
  const result = await lifecycles[resource].check(session, { urn: undefined, olds: {}, secrets: [], ...request }, row);
  return { ...result, lines: row.lines };
}

/** A session whose repositories do some things in another way. */
export function changed(session: Session, change: (inner: ImageRepository) => Partial<ImageRepository>): Session {
  const open = (repository: Repository): ImageRepository => {
    const inner = session.repositories.open(repository);
    const methods = change(inner);
    const get = (target: ImageRepository, name: string): unknown => {
      const own: unknown = Reflect.get(target, name);
      return Reflect.get(methods, name) ?? (typeof own === "function" ? own.bind(target) : own);
    };
    return new Proxy(inner, { get: (target, name) => get(target, String(name)) });
  };
  return { ...session, repositories: { ...session.repositories, open } };
}

/** A base of one layer for two platforms, different for each `version`. */
export function baseParts(version: string): ImageParts {
  const tar = layerTar([
    directory("etc"),
    file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
    file("etc/group", "root:x:0:\n"),
    file("etc/version", version),
    directory("tmp", { mode: 0o1777 }),
  ]);
  const config = { Entrypoint: ["/bin/app"], Env: ["PATH=/bin"], Labels: { base: version } };
  return {
    annotations: { "org.example.kept": "yes" },
    platforms: ["linux/amd64", "linux/arm64"].map((platform) => ({ platform, layers: [{ tar }], config })),
  };
}
