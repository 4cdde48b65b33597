import { z } from "zod";
import { asError, DhiError } from "../errors.js";
import { parseJson } from "../image/json.js";
import { describeFailure } from "../resources/parse.js";
import type { Lifecycle, Secrecy, SecretPath } from "../resources/lifecycle.js";
import { PartialFailure } from "../pipeline/partial-failure.js";
import type { ResourceLog } from "../pipeline/session.js";
import type { ValueMap } from "../values.js";
import { terminalText } from "../text/terminal-text.js";
import { openHost, track, type Host } from "./host.js";
import { findPlaces } from "./secret-texts.js";
import { protect, SecretValues } from "./secrets.js";
import type { ReadConfig } from "./settings.js";
import { hideDirectives, showable } from "./shown.js";
import { fromWire, PROVIDER_KEY, SECRETS_ANYWHERE, SECRETS_KEY, toWire, URN_KEY } from "./wire.js";

const secretPaths = z.array(z.array(z.union([z.string(), z.number()])));

type Properties = Readonly<Record<string, unknown>>;

/** The methods as the dynamic provider host calls them (`@pulumi/pulumi/cmd/dynamic-provider`). */
export interface DynamicProvider {
  configure(request: { readonly config: { get(key: string): string | undefined } }): Promise<void>;
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: readonly { property: string; reason: string }[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<{ changes?: boolean; replaces?: readonly string[] }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  read(id: string, properties: Properties): Promise<{ id?: string; props?: Properties; inputs?: Properties }>;
  delete(id: string, properties: Properties): Promise<void>;
}

/** What check learns about a resource, for the methods that do not receive it. By id. */
interface ResourceMemory {
  readonly urn: string | undefined;
  readonly secrets: SecretValues;
}

const noSecrets = new SecretValues({}, []);

/** Every outgoing text passes through here: no secrets, and nothing that a terminal or the CLI would interpret. */
function shownText(secrets: SecretValues, text: string): string {
  return terminalText(secrets.redact(text));
}

/** The one wrapper of a lifecycle: converts values, log rows, secrets and errors of all six methods. */
export function adaptLifecycle(lifecycle: Lifecycle): DynamicProvider {
  const resources = new Map<string, ResourceMemory>();
  let host: Host | DhiError | undefined;

  // The process caches a provider before `configure` has finished, and also when it failed.
  const ready = (): Host => {
    if (host === undefined) throw new DhiError("invalid", "the provider was called before it was configured");
    if (host instanceof DhiError) throw host;
    return host;
  };
  const open = (read: ReadConfig): void => {
    try {
      host = openHost(read);
    } catch (thrown) {
      if (!(thrown instanceof DhiError)) throw thrown;
      host = thrown;
    }
  };
  const run = <T>(memory: ResourceMemory, work: (host: Host, log: ResourceLog) => Promise<T>): Promise<T> =>
    track(() =>
      clean(memory.secrets, async () => {
        const running = ready();
        const log = running.logs.open(memory.urn, (text) => shownText(memory.secrets, text));
        try {
          return await work(running, log);
        } finally {
          trimCache(running.session);
          await running.logs.flush();
        }
      }),
    );
  const recall = (id: string | undefined, properties: Properties): ResourceMemory => {
    const known = id === undefined ? undefined : resources.get(id);
    return known ?? { urn: textOf(properties[URN_KEY]), secrets: noSecrets };
  };

  return {
    configure: ({ config }) => {
      open((key) => config.get(key));
      return Promise.resolve();
    },

    check: async (olds, news) => {
      const inputs = fromWire(news);
      const secretPaths = await clean(noSecrets, () =>
        Promise.resolve(findPlaces(inputs, parseSecrets(news[SECRETS_KEY], lifecycle.secrecy))),
      );
      const memory = { urn: textOf(news[URN_KEY]), secrets: new SecretValues(inputs, secretPaths, lifecycle.secrecy) };
      memory.secrets.hold();
      const id = lifecycle.identify(inputs);
      if (id !== undefined) resources.set(id, memory);
      return run(memory, async ({ session }, log) => {
        const request = { urn: memory.urn, olds: fromWire(olds), news: inputs, secrets: secretPaths };
        const result = await lifecycle.check(session, request, log);
        return {
          inputs: {
            ...hideDirectives(wireMap(result.inputs)),
            ...showable(protect(result.derived, memory.secrets, lifecycle.secrecy, result.secrets)),
          },
          failures: result.failures.map((failure) => ({ property: "", reason: shownText(memory.secrets, describeFailure(failure)) })),
        };
      });
    },

    diff: (id, olds, news) =>
      clean(noSecrets, () => {
        const replaces = lifecycle.diff(id, fromWire(olds), fromWire(news));
        return Promise.resolve(replaces === undefined ? { changes: false } : { replaces });
      }),

    create: (inputs) => {
      const checked = fromWire(inputs);
      const memory = recall(lifecycle.identify(checked), inputs);
      return run(memory, async ({ session }, log) => {
        const { id, outputs } = await rescue(memory, inputs, () => lifecycle.create(session, checked, log));
        return { id, outs: outsOf(outputs, memory) };
      });
    },

    update: (id, olds, news) => {
      const memory = recall(id, olds);
      return run(memory, async ({ session }, log) => ({
        outs: outsOf(await rescue(memory, news, () => lifecycle.update(session, id, fromWire(olds), fromWire(news), log)), memory),
      }));
    },

    read: (id, properties) => {
      const memory = recall(id, properties);
      return run(memory, async ({ session }) => {
        const result = await lifecycle.read(session, id, fromWire(properties));
        if (result === undefined) return {};
        const provider = { [PROVIDER_KEY]: properties[PROVIDER_KEY] };
        return {
          id,
          props: {
            ...(result.inputs === undefined ? showable(outsOf(result.outputs, memory)) : outsOf(result.outputs, memory)),
            ...provider,
          },
          ...(result.inputs === undefined ? {} : { inputs: { ...wireMap(result.inputs), ...provider } }),
        };
      });
    },

    delete: (id, properties) => {
      const memory = { urn: textOf(properties[URN_KEY]), secrets: noSecrets };
      return run(memory, ({ session }, log) => lifecycle.delete(session, id, fromWire(properties), log));
    },
  };
}

/** Runs in the background; a cache that is not trimmed now is trimmed next time. */
function trimCache({ cache }: Host["session"]): void {
  cache.evict().catch(() => undefined);
}

/** Turns partial failure into what the engine saves: the outputs that are true, and the provider to continue from them. */
async function rescue<T>(memory: ResourceMemory, inputs: Properties, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof PartialFailure)) throw thrown;
    const reasons = thrown.reasons.map((reason) => shownText(memory.secrets, reason));
    const properties = { ...outsOf(thrown.outputs, memory), [PROVIDER_KEY]: inputs[PROVIDER_KEY] };
    throw Object.assign(new Error(reasons.join("\n")), { id: thrown.id, properties, reasons });
  }
}

function outsOf(outputs: ValueMap, { urn }: ResourceMemory): Properties {
  return { ...wireMap(outputs), ...(urn === undefined ? {} : { [URN_KEY]: urn }) };
}

function wireMap(values: ValueMap): Properties {
  return toWire(values) as Properties;
}

async function clean<T>(secrets: SecretValues, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw cleanError(thrown, secrets);
  }
}

/** The whole message without a stack trace, which the engine would print. */
function cleanError(thrown: unknown, secrets: SecretValues): Error {
  const error = asError(thrown);
  const message = shownText(secrets, thrown instanceof DhiError ? thrown.describe() : error.message);
  if (!(thrown instanceof DhiError) && !("reasons" in error) && process.env["DHI_DEBUG"] !== undefined)
    process.stderr.write(`${shownText(secrets, error.stack ?? "")}\n`);
  const clean = new Error(message);
  clean.stack = message;
  return "reasons" in error ? Object.assign(clean, error) : clean;
}

function parseSecrets(value: unknown, { anywhere }: Secrecy): readonly SecretPath[] {
  if (value === SECRETS_ANYWHERE) return anywhere;
  if (typeof value !== "string") return [];
  try {
    return parseJson(value, secretPaths, SECRETS_KEY);
  } catch (cause) {
    // Continuing without them would show secrets.
    throw new DhiError("invalid", `${SECRETS_KEY} is not what the sdk writes`, { hint: "Install one version of pulumi-dhi", cause });
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.startsWith("urn:") ? value : undefined;
}
