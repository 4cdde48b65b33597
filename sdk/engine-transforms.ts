import { runtime, type CustomResourceOptions, type ResourceTransform, type ResourceTransformResult } from "@pulumi/pulumi";
import { findSecretPaths } from "./secret-paths.js";

type CallbackServer = NonNullable<ReturnType<typeof runtime.getCallbacks>>;

/** Internal to `@pulumi/pulumi`: state of the running program, shared by all its copies in a process. */
interface Store {
  /** Set by the first transform or hook. */
  readonly callbacks?: CallbackServer;
  readonly supportsTransforms?: boolean;
  readonly supportsSecrets?: boolean;
}

/** How many callbacks there were when ours was registered last: later ones may run after it. */
const counted = new WeakMap<CallbackServer, number>();
const pending = new WeakMap<CallbackServer, Promise<boolean>>();

/** Whether a transform may still change the inputs after they have left the sdk. */
export function mayBeTransformed(opts: CustomResourceOptions): boolean {
  const store = findStore();
  // Without a stack this is a component's process, and the program that uses the component may have transforms.
  const isPossible = (opts.transforms ?? []).length > 0 || store?.callbacks !== undefined || runtime.getStackResource() === undefined;
  return store === undefined || (isPossible && store.supportsTransforms !== false);
}

/**
 * Transforms run in the engine: a resource's own, its parents', then the stack's. Registers one of ours after them, which reports to the
 * provider where secrets are by then; returns false where that is impossible.
 */
export async function followTransforms(): Promise<boolean> {
  const server = runtime.getCallbacks();
  if (server === undefined) return false;
  await server.awaitStackRegistrations();
  while (pending.has(server)) await pending.get(server);
  const size = sizeOf(server);
  if (size !== undefined && counted.get(server) === size) return true;
  const work = register(server).catch(() => false);
  pending.set(server, work);
  const isDone = await work;
  pending.delete(server);
  return isDone;
}

/** Not `runtime.registerResourceTransform`, which ends the program when it fails. */
async function register(server: CallbackServer): Promise<boolean> {
  const callback = await server.registerTransform(reportSecrets);
  const size = sizeOf(server);
  const monitor = runtime.getMonitor();
  const error = await new Promise<unknown>((resolve) => {
    if (monitor === undefined) resolve("no engine");
    else monitor.registerStackTransform(callback, resolve);
  });
  if (error !== null) return false;
  if (size !== undefined) counted.set(server, size);
  return true;
}

/** Undefined where another version of `@pulumi/pulumi` stores them differently: then ours is registered for each image. */
function sizeOf(server: CallbackServer): number | undefined {
  const { _callbacks } = server as unknown as { readonly _callbacks?: ReadonlyMap<string, unknown> };
  return _callbacks?.size;
}

const reportSecrets: ResourceTransform = async ({ type, props }) => {
  if (!type.startsWith("pulumi-nodejs:dynamic/dhi:") || !("__secrets" in props)) return undefined;
  // Transforms of an inline program of the Automation API run outside of it, where their results lose the marks of secrets.
  if (findStore()?.supportsSecrets !== true) return undefined;
  // Options that are not returned stay as they are.
  return { props: { ...props, __secrets: await findSecretPaths(props) } } as unknown as ResourceTransformResult;
};

function findStore(): Store | undefined {
  const known = globalThis as { readonly asyncLocalStorage?: { getStore(): Store | undefined }; readonly globalStore?: Store };
  return known.asyncLocalStorage?.getStore() ?? known.globalStore;
}
