import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Digest } from "../../../provider/image/digest.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { throwAwayManifest } from "../../../provider/image/throw-away-manifest.js";
import type { Value, ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { makeImage, putImage } from "../../support/images/image.js";
import { findHoles, readLayout, readRegistry } from "../../support/images/whole.js";
import { startCutProxy, type Counts, type CutProxy, type Moment } from "../../support/registries/cut-proxy.js";
import { startDockerRegistry } from "../../support/registries/index.js";
import { findProgram } from "../../support/registries/process.js";
import { note } from "../../support/running-test.js";
import { drawFrom, type Draw } from "../../support/session/draw.js";
import { operate, startOperator, type Operation, type OperatorProcess, type Outcome } from "../../support/session/operation.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow, openSession } from "../../support/session/session.js";
import { baseParts, Workshop } from "../workshop.js";

const seed = Number(process.env["DHI_SEED"] ?? Date.now() % 2 ** 31);
const runs = process.env["DHI_LONG"] === undefined ? 17 : 180;

/** Destinations. A registry of distribution v2 deletes only by digest, v3 also by name, and a layout is a folder. */
interface Place {
  readonly name: string;
  /** `host/` of a proxy for the registry, or `oci:`. */
  readonly prefix: string;
  readonly proxy: CutProxy | undefined;
  readonly holesOf: (repository: string, digest: string) => Promise<readonly string[]>;
}

type Step = "create" | "update" | "destroy";
type End = "kill" | "cut" | "down";

describe(`an interrupted up or destroy (DHI_SEED=${String(seed)})`, () => {
  let shop: Workshop;
  const places: Place[] = [];
  const stops: (() => Promise<void>)[] = [];
  let waiting: Promise<OperatorProcess>;
  /** The length of a complete run: pieces through a proxy by resource and step, or milliseconds by step for a layout. */
  const lengths = new Map<string, Counts>();
  let interrupted = 0;

  const options = () => ({ projectDirectory: shop.folder, cacheDirectory: join(shop.folder, "cache") });
  const session = () => openSession(options());
  const open = (repository: string) => session().repositories.open(parseRepository(repository));

  before(async () => {
    shop = await Workshop.open();
    const addRegistry = async (program: "docker-registry" | "registry"): Promise<void> => {
      const registry = await startDockerRegistry({ program });
      const proxy = await startCutProxy(registry.host);
      stops.push(proxy.stop, registry.stop);
      const holesOf = (name: string, digest: string) => findHoles(readRegistry(name.replace(proxy.host, registry.host)), digest);
      places.push({ name: program, prefix: `${proxy.host}/`, proxy, holesOf });
    };
    await addRegistry("docker-registry");
    if (findProgram("registry") !== undefined) await addRegistry("registry");
    const holesOf = (name: string, digest: string) => findHoles(readLayout(join(shop.folder, name.slice("oci:".length))), digest);
    places.push({ name: "layout", prefix: "oci:", proxy: undefined, holesOf });
    for (const { prefix } of places) await putImage(open(`${prefix}base`), makeImage(baseParts("1")), "1");
    waiting = startOperator(options());
  });
  after(async () => {
    (await waiting).child.kill("SIGKILL");
    for (const stop of stops) await stop();
    await shop.remove();
  });

  const inputsOf = (place: Place, name: string, resource: Operation["resource"], version: number, draw: Draw): ValueMap => {
    const content = { scripts: [{ path: "/opt/run", content: draw.text(100_000), uid: 0, gid: 0, mode: "0755" }] };
    const labels = { version: String(version) };
    const destination = `${place.prefix}${name}`;
    if (resource === "artifact") return { repository: destination, tag: "1", platforms: ["linux/amd64"], labels, ...content };
    const additionalTags = version === 1 ? ["latest", "old", "older"] : ["latest", "new"];
    return { repository: `${place.prefix}base`, version: "1", destination, additionalTags, labels, ...content };
  };
  const tagsOf = (inputs: ValueMap): readonly string[] => ["1", ...((inputs["additionalTags"] as readonly string[] | undefined) ?? [])];
  const headsOf = async (repository: string, tags: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> => {
    const target = open(repository);
    return new Map(await Promise.all(tags.map(async (tag) => [tag, (await target.headManifest(tag))?.digest] as const)));
  };

  const promisedBy = async ({ resource, urn, inputs, state }: Operation): Promise<Value | undefined> => {
    const request = { urn, olds: state?.inputs ?? {}, news: inputs, secrets: [] };
    return (await lifecycles[resource].check(session(), request, keepRow())).derived["digest"];
  };

  /** Runs an operation in a separate process that is interrupted at the given point. */
  const interrupt = async (place: Place, operation: Operation, end: End, moment: Moment): Promise<Outcome | undefined> => {
    const operator = await waiting;
    waiting = startOperator(options());
    const kill = (): void => void operator.child.kill("SIGKILL");
    const { proxy } = place;
    if (proxy === undefined) {
      setTimeout(kill, moment.at);
      return operator.run(operation);
    }
    proxy.arm(moment, () => {
      if (end === "kill") kill();
      else if (end === "cut") proxy.cut();
      else proxy.setDown(true);
    });
    const outcome = await operator.run(operation);
    proxy.disarm();
    proxy.setDown(false);
    return outcome;
  };

  /** Measures a complete run, once for each kind, with an image of its own. */
  const measure = async (place: Place, step: Step, resource: Operation["resource"], prepare: () => Promise<Operation>): Promise<Counts> => {
    const key = `${place.proxy === undefined ? place.name : resource} ${step}`;
    const known = lengths.get(key);
    if (known !== undefined) return known;
    const operation = await prepare();
    const started = Date.now();
    place.proxy?.arm({ of: "pieces", at: Infinity, before: false }, () => undefined);
    const outcome = await operate(session(), operation);
    expect(outcome.did, outcome.error).to.not.equal("fail");
    const length = place.proxy?.counts() ?? { pieces: Date.now() - started, writes: 0 };
    lengths.set(key, length);
    return length;
  };

  for (let run = 0; run < runs; run += 1) {
    it(`leaves each tag at the whole old or new image, and the next run converges (run ${String(run)})`, async () => {
      const draw = drawFrom(seed + run);
      const place = draw.of([places[0], places[0], ...places].filter((one) => one !== undefined));
      const step = draw.of<Step>(["create", "update", "update", "destroy", "destroy"]);
      const end = place.proxy === undefined ? "kill" : draw.of<End>(["kill", "kill", "kill", "kill", "cut", "cut", "down"]);
      const resource = draw.of(["artifact", "customization", "customization"] as const);
      const prepare = async (name: string, draw: Draw): Promise<Operation & { readonly old: ValueMap }> => {
        const old = inputsOf(place, name, resource, 1, draw);
        const urn = `urn:pulumi:dev::project::dhi::${name}`;
        const create = { kind: "up", resource, urn, inputs: old, state: undefined } as const;
        const first = step === "create" ? undefined : await operate(session(), create);
        expect(first?.error).to.equal(undefined);
        const inputs = step === "update" ? inputsOf(place, name, resource, 2, draw) : old;
        return { kind: step === "destroy" ? "destroy" : "up", resource, urn, inputs, state: first?.state, old };
      };
      const length = await measure(place, step, resource, () => prepare(`measured-${String(run)}`, drawFrom(seed)));
      const repository = `${place.prefix}run-${String(run)}`;
      const operation = await prepare(`run-${String(run)}`, draw);
      const former = operation.state?.outputs["digest"] as Digest | undefined;
      // A tag of someone else at the same image.
      const image = former === undefined ? undefined : await open(repository).getManifest(former);
      if (image !== undefined) await open(repository).putManifest("kept", image);
      // Or the program has changed when it runs again: it must still recognize the image of a killed update.
      const isMoved = step !== "destroy" && draw.below(3) === 0;
      const moved = isMoved ? { ...operation.inputs, labels: { version: "moved" } } : operation.inputs;
      const promised = isMoved ? await promisedBy(operation) : undefined;
      // Half of the cuts are at a request that changes a tag or a manifest, where most can go wrong.
      const of = place.proxy === undefined ? "pieces" : draw.of(["pieces", "writes"] as const);
      const moment = { of, at: 1 + draw.below(length[of]), before: draw.of([true, false]) };
      const scenario = `${step}${isMoved ? ", then a change," : ""} of a ${resource} at ${place.name}, ${end} ${moment.before ? "before" : "after"} ${String(moment.at)} of ${String(length[of])} ${of}`;

      const outcome = await interrupt(place, operation, end, moment);
      if (outcome === undefined || outcome.did === "fail" || end !== "kill") interrupted += 1;
      note(`${scenario}: ${outcome?.did ?? "killed"}`);
      const all = [...new Set([...tagsOf(operation.old), ...tagsOf(operation.inputs)])];
      const seen = await headsOf(repository, all);
      const holes = async (digests: Iterable<string | undefined>): Promise<readonly string[]> => {
        const distinct = [...new Set(digests)].filter((digest) => digest !== undefined);
        return (await Promise.all(distinct.map((digest) => place.holesOf(repository, digest)))).flat();
      };
      expect(await holes(seen.values()), scenario).to.deep.equal([]);

      // The user continues, or runs up again after a destroy.
      const state = outcome === undefined ? operation.state : outcome.state;
      const kind = step === "destroy" ? draw.of(["destroy", "up"] as const) : "up";
      const next = await operate(session(), { ...operation, inputs: moved, kind, state });
      expect(next.did, `${scenario}: ${next.error ?? ""}`).to.not.equal("fail");
      const wanted = kind === "up" ? (next.state?.outputs["digest"] as Digest) : undefined;
      const heads = await headsOf(repository, [...all, "kept"]);
      for (const tag of all) {
        const isWanted = wanted !== undefined && tagsOf(operation.inputs).includes(tag);
        expect(heads.get(tag), `${scenario}: ${tag} in the end`).to.equal(isWanted ? wanted : undefined);
        const found = seen.get(tag);
        if (found === undefined || found === former || (isWanted && (found === wanted || found === promised))) continue;
        // Between the two steps of a deletion by digest, the tag points at the throw-away manifest, which the next run must recognize.
        const name = repository.slice(place.prefix.length);
        const left = former === undefined ? undefined : throwAwayManifest({ repository: name, tag, former }).digest;
        expect(place.name === "docker-registry" && found === left, `${scenario}: ${tag} pointed at ${found}`).to.equal(true);
        expect(step === "destroy" || !tagsOf(operation.inputs).includes(tag), scenario).to.equal(true);
      }
      // What a tag that is to stay pointed at is never nothing, apart from an image that was not there yet.
      if (step === "update") {
        for (const tag of tagsOf(operation.old).filter((tag) => tagsOf(operation.inputs).includes(tag)))
          expectThat(seen.get(tag), scenario);
      }
      expect(heads.get("kept"), scenario).to.equal(former);
      expect(await holes(heads.values()), scenario).to.deep.equal([]);
      if (kind === "up") {
        const same = await operate(session(), { ...operation, inputs: moved, kind, state: next.state });
        expect(same.did, `${scenario}: ${same.error ?? ""}`).to.equal("same");
      }
    });
  }

  it("was interrupted in most runs", () => {
    expect(interrupted * 2 >= runs, `${String(interrupted)} of ${String(runs)}`).to.equal(true);
  });
});
