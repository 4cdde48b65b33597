import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import { after } from "mocha";
import { DhiError } from "../../../../provider/errors.js";
import { buildArchive } from "../../../support/archives/archive.js";
import { makeKey } from "../../../support/archives/keys.js";
import { serveArchive, type ServedArchive, type ServeOptions } from "../../../support/archives/serve.js";
import { expect } from "../../../support/expectations.js";
import { startForwardProxy, type ForwardProxy, type ForwardProxyOptions } from "../../../support/registries/forward-proxy.js";
import { attempt, folder, type AttemptOptions } from "../resolve/attempt.js";

export const password = "ge-heim/7";
export const login = `user:${password}`;
export const inUrl = `user:${encodeURIComponent(password)}`;
const secrets = [password, encodeURIComponent(password), Buffer.from(login).toString("base64")];

export const key = makeKey("archive");
const files = key.then((one) => buildArchive([{ suite: "bookworm", packages: { main: [{ name: "tool" }] }, keys: [one] }]));
const stops: (() => Promise<void>)[] = [];
after(() => Promise.all(stops.map((stop) => stop())));

export async function serve(options: ServeOptions = { login }): Promise<ServedArchive & { readonly host: string }> {
  const served = await serveArchive(await files, options);
  stops.push(served.stop);
  return { ...served, host: new URL(served.url).host };
}

export async function proxy(options: ForwardProxyOptions): Promise<ForwardProxy> {
  const started = await startForwardProxy(options);
  stops.push(started.stop);
  return started;
}

interface Way extends Omit<Partial<AttemptOptions>, "directory"> {
  /** Of the home and of apt. */
  readonly machine?: Readonly<Record<string, string>>;
}

/** Adds the package, and looks for secrets in everything that stays: what was resolved, errors, the log and the cache. */
export async function add({ machine = {}, env = {}, ...options }: Way): Promise<void> {
  const directory = folder();
  const home = folder();
  for (const [path, text] of Object.entries(machine)) {
    const place = path === ".netrc" ? join(home, path) : join(directory, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  const log = join(home, "log");
  try {
    const { resolution } = await attempt(await files, {
      keys: [(await key).armored],
      directory,
      env: { HOME: home, DHI_LOG: log, ...env },
      ...options,
    });
    expect(resolution.added.length).to.equal(1);
    clean(JSON.stringify(resolution), "what was resolved");
  } catch (thrown) {
    clean(inspect(thrown, { depth: 9, showHidden: true }), "the error");
    if (thrown instanceof DhiError) clean(thrown.describe(), "the error");
    throw thrown;
  } finally {
    const lines = readFileSync(log, "latin1");
    clean(lines, "the log");
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !path.includes("auth.conf")) clean(readFileSync(path, "latin1"), path);
    }
  }
}

function clean(text: string, what: string): void {
  for (const secret of secrets) expect(text, `${what} shows the password`).to.not.include(secret);
}

/** Each request brought the login. */
export function only({ logins }: ServedArchive): void {
  expect(logins.length).to.be.at.least(3);
  expect(new Set(logins)).to.deep.equal(new Set([login]));
}
