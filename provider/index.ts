/**
 * The entry point that every stored state refers to: `exports.handler = () => require("pulumi-dhi/provider").customization;`
 * Its path and the names of its exports never change. Nothing is loaded until the engine calls a resource.
 */
import type { DynamicProvider } from "./pulumi/adapter.js";
import type * as Resources from "./pulumi/resources.js";

function lazily(load: () => DynamicProvider): DynamicProvider {
  let loaded: DynamicProvider | undefined;
  const provider = (): DynamicProvider => (loaded ??= load());
  return {
    configure: (request) => provider().configure(request),
    check: (olds, news) => provider().check(olds, news),
    diff: (id, olds, news) => provider().diff(id, olds, news),
    create: (inputs) => provider().create(inputs),
    update: (id, olds, news) => provider().update(id, olds, news),
    read: (id, properties) => provider().read(id, properties),
    delete: (id, properties) => provider().delete(id, properties),
  };
}

/** Provider of `Customization`. */
export const customization: DynamicProvider = lazily(() => loadResources().customization);

/** Provider of `OciArtifact`. */
export const ociArtifact: DynamicProvider = lazily(() => loadResources().ociArtifact);

/** Provider of `Mirror`. */
export const mirror: DynamicProvider = lazily(() => loadResources().mirror);

function loadResources(): typeof Resources {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the engine asks for an entry long before it asks for a resource
  return require("./pulumi/resources.js") as typeof Resources;
}
