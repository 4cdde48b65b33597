import { openSession, type OpenedSession } from "../provider/pulumi/session.js";
import { customizationKind } from "../provider/resources/customization/customization.js";
import { imageLifecycle } from "../provider/resources/image/image-lifecycle.js";
import { mirrorLifecycle } from "../provider/resources/mirror/mirror-lifecycle.js";
import type { ResourceLog } from "../provider/pipeline/session.js";
import type { ValueMap } from "../provider/values.js";

const lifecycle = imageLifecycle(customizationKind);
export const silentRow: ResourceLog = { line: () => undefined, progress: () => undefined };

/** A session as a provider process opens it, with its own memory. */
export function benchSession(cacheDirectory: string, projectDirectory: string): OpenedSession {
  const settings = {
    registries: {},
    packageSources: {},
    packageHosts: [],
    requireFresh: true,
    deferFailures: false,
    jobs: undefined,
    cacheDirectory,
    timeout: undefined,
  };
  return openSession(settings, projectDirectory, new AbortController().signal);
}

/** Check and create, as the engine calls them; returns the outputs. */
export async function customize(session: OpenedSession, inputs: ValueMap): Promise<ValueMap> {
  return await create(session, await check(session, {}, inputs));
}

/** Create alone, with what check returned. */
export async function create(session: OpenedSession, checked: ValueMap): Promise<ValueMap> {
  return (await lifecycle.create(session, checked, silentRow)).outputs;
}

/** What `up` does for an image that state has. */
export async function update(session: OpenedSession, olds: ValueMap, checked: ValueMap): Promise<ValueMap> {
  const id = lifecycle.identify(checked) ?? "";
  return lifecycle.diff(id, olds, checked) === undefined ? olds : await lifecycle.update(session, id, olds, checked, silentRow);
}

/** Check alone; throws its failures. */
export async function check(session: OpenedSession, olds: ValueMap, news: ValueMap): Promise<ValueMap> {
  const { inputs, derived, failures } = await lifecycle.check(session, { urn: undefined, olds, news, secrets: [] }, silentRow);
  refuse(failures);
  return { ...inputs, ...derived };
}

/** Check and create of a `Mirror`. */
export async function mirror(session: OpenedSession, news: ValueMap): Promise<void> {
  const { inputs, derived, failures } = await mirrorLifecycle.check(session, { urn: undefined, olds: {}, news, secrets: [] }, silentRow);
  refuse(failures);
  await mirrorLifecycle.create(session, { ...inputs, ...derived }, silentRow);
}

function refuse(failures: readonly { readonly property: string; readonly reason: string }[]): void {
  if (failures.length > 0) throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
}
