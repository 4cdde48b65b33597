import { after, before, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import type { RegistryRepository } from "../../../provider/image/reference.js";
import { emptyBlob, emptyDescriptor, throwAwayManifest, trialManifest } from "../../../provider/image/throw-away-manifest.js";
import { openRepositories } from "../../../provider/registry/open.js";
import type { ImageRepository } from "../../../provider/registry/repository.js";
import { expect, expectThat } from "../../support/expectations.js";
import { publishImage, testImage, type TestImage } from "../../support/registries/images.js";
import {
  startDockerRegistry,
  startProxy,
  type Fault,
  type FaultProxy,
  type SeenRequest,
  type StartedRegistry,
} from "../../support/registries/index.js";
import { cleanup } from "../../support/running-test.js";

/** The steps of deleting a tag on a registry that deletes only by digest. */
type Step = "by name" | "trial" | "pointing" | "last";

function stepOf({ method, url }: SeenRequest, trial: string): Step | undefined {
  const reference = /\/manifests\/(.+)$/.exec(url)?.[1];
  if (reference === undefined) return undefined;
  const byDigest = reference.startsWith("sha256:");
  if (method === "PUT" && !byDigest) return "pointing";
  if (method !== "DELETE") return undefined;
  if (!byDigest) return "by name";
  return reference === trial ? "trial" : "last";
}

interface Answer {
  readonly status: number;
  readonly code?: string;
}

const answers: readonly (Answer & { readonly outcome: "error" | "notice"; readonly who: string })[] = [
  { who: "no login", status: 401, code: "UNAUTHORIZED", outcome: "error" },
  { who: "a login without the right", status: 403, code: "DENIED", outcome: "error" },
  { who: "a gateway without an OCI error code", status: 403, outcome: "error" },
  { who: "too many requests", status: 429, code: "TOOMANYREQUESTS", outcome: "error" },
  { who: "a registry that is down", status: 503, outcome: "error" },
  { who: "a time limit", status: 408, outcome: "error" },
  { who: "deletion is disabled", status: 405, code: "UNSUPPORTED", outcome: "notice" },
  { who: "a 403 with the code UNSUPPORTED", status: 403, code: "UNSUPPORTED", outcome: "notice" },
  { who: "not implemented", status: 501, outcome: "notice" },
  { who: "an immutable tag of ECR", status: 400, code: "TAG_INVALID", outcome: "notice" },
  { who: "an immutable tag of Harbor", status: 412, code: "DENIED", outcome: "notice" },
  { who: "an immutable tag elsewhere", status: 409, code: "CONFLICT", outcome: "notice" },
];

const withoutDigest = (headers: SeenRequest["headers"]): SeenRequest["headers"] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "docker-content-digest"));

describe("deleting a tag that the registry refuses to delete", () => {
  let registry: StartedRegistry;
  let proxy: FaultProxy;
  let fault: ((step: Step) => Fault | undefined) | undefined;
  /** The fault of a request that reads a tag. */
  let look: ((seen: SeenRequest) => Fault | undefined) | undefined;
  let trial = "";
  before(async () => {
    registry = await startDockerRegistry();
    proxy = await startProxy(registry.host, {
      onRequest: (seen) => {
        const step = stepOf(seen, trial);
        return step === undefined ? look?.(seen) : fault?.(step);
      },
    });
  });
  after(async () => {
    await proxy.stop();
    await registry.stop();
  });

  const at = (host: string): RegistryRepository => ({ kind: "registry", host, name: "acme/app" });
  const open = (host: string): ImageRepository => openRepositories({ projectDirectory: "/", env: { HOME: "/nonexistent" } }).open(at(host));
  let count = 0;
  const start = async (): Promise<{ readonly tag: string; readonly image: TestImage }> => {
    const tag = `v${String((count += 1))}`;
    const image = testImage(10);
    fault = undefined;
    look = undefined;
    await publishImage(open(registry.host), image, tag);
    trial = trialManifest({ repository: "acme/app", tag, former: image.index.digest }).digest;
    return { tag, image };
  };
  /** Points the tag at the throw-away manifest, as an interrupted deletion does. */
  const interrupt = async (tag: string, { index }: TestImage): Promise<string> => {
    const left = throwAwayManifest({ repository: "acme/app", tag, former: index.digest });
    const target = open(registry.host);
    await target.putBlob(emptyDescriptor, async function* () {
      yield await Promise.resolve(emptyBlob);
    });
    await target.putManifest(tag, left);
    return left.digest;
  };
  const refusal = ({ status, code }: Answer): Fault => ({
    kind: "status",
    status,
    headers: { "content-type": "application/json", "retry-after": "0" },
    body: code === undefined ? "" : JSON.stringify({ errors: [{ code, message: "said the registry" }] }),
  });

  for (const { who, outcome, ...answer } of answers) {
    for (const step of ["trial", "pointing", "last"] as const) {
      it(`leaves the tag as it was with ${outcome === "error" ? "an error" : "a notice"} after ${String(answer.status)} (${who}) at the step "${step}"`, async () => {
        const { tag, image } = await start();
        let pointed = 0;
        // The tag is restored by the same kind of request as it is pointed at the throw-away manifest.
        fault = (now) => (now === step && (step !== "pointing" || (pointed += 1) <= 4) ? refusal(answer) : undefined);
        const deletion = open(proxy.host).deleteTag(tag, image.index.digest);
        if (outcome === "error") {
          await expect(deletion).to.be.rejectedWithError({ message: new RegExp(`answered ${String(answer.status)}`) });
        } else {
          const { deleted, reason } = await deletion;
          expect(deleted).to.equal(false);
          expect(reason ?? "").to.match(new RegExp(`answered ${String(answer.status)}`));
        }
        expect(await open(registry.host).getManifest(tag)).to.deep.equal(image.index);
        fault = undefined;
        expect(await open(proxy.host).deleteTag(tag, image.index.digest)).to.deep.equal({ deleted: true });
        expect(await open(registry.host).headManifest(tag)).to.equal(undefined);
      });
    }
  }

  it("fails when deleting by name answers 401 or 403, and deletes by digest after a final refusal", async () => {
    for (const status of [401, 403, 400, 405]) {
      const { tag, image } = await start();
      fault = (step) => (step === "by name" ? refusal({ status }) : undefined);
      const deletion = open(proxy.host).deleteTag(tag, image.index.digest);
      if (status === 401 || status === 403) {
        await expect(deletion).to.be.rejectedWithError({ code: "unauthorized" });
        expect(await open(registry.host).getManifest(tag)).to.deep.equal(image.index);
      } else expect(await deletion).to.deep.equal({ deleted: true });
    }
  });

  it("finishes an interrupted deletion of the same tag, and of no other", async () => {
    const { tag, image } = await start();
    await interrupt(tag, image);
    expect(await open(proxy.host).deleteTag(tag, image.index.digest)).to.deep.equal({ deleted: true });
    expect(await open(registry.host).headManifest(tag)).to.equal(undefined);
    const other = await start();
    const left = await interrupt(other.tag, image);
    expect(await open(proxy.host).deleteTag(other.tag, other.image.index.digest)).to.deep.equal({ deleted: true });
    expect((await open(registry.host).headManifest(other.tag))?.digest).to.equal(left);
  });

  it("restores the tag when an interrupted deletion cannot be finished", async () => {
    for (const status of [403, 405]) {
      const { tag, image } = await start();
      await interrupt(tag, image);
      fault = (step) => (step === "last" ? refusal({ status }) : undefined);
      await open(proxy.host)
        .deleteTag(tag, image.index.digest)
        .then(
          ({ deleted }) => {
            expect([status, deleted]).to.deep.equal([405, false]);
          },
          (thrown: unknown) => {
            expectThat(thrown instanceof DhiError);
            expect([status, thrown.code]).to.deep.equal([403, "unauthorized"]);
          },
        );
      expect(await open(registry.host).getManifest(tag)).to.deep.equal(image.index);
    }
  });

  it("is an error, not a notice, when the tag can be neither deleted nor restored", async () => {
    const { tag, image } = await start();
    const left = await interrupt(tag, image);
    await fetch(`http://${registry.host}/v2/acme/app/manifests/${image.index.digest}`, { method: "DELETE" });
    fault = (step) => (step === "last" ? refusal({ status: 405, code: "UNSUPPORTED" }) : undefined);
    await expect(open(proxy.host).deleteTag(tag, image.index.digest)).to.be.rejectedWithError({
      code: "rejected",
      message: /was being deleted/,
    });
    expect((await open(registry.host).headManifest(tag))?.digest).to.equal(left);
  });

  const looks: Readonly<Record<string, (seen: SeenRequest) => Fault | undefined>> = {
    "that reports no digests": ({ method }) =>
      method === "HEAD" || method === "GET" ? { kind: "headers", change: withoutDigest } : undefined,
    "without HEAD": ({ method }) => (method === "HEAD" ? { kind: "status", status: 405 } : undefined),
  };
  for (const [registryKind, answer] of Object.entries(looks)) {
    it(`restores the tag on a registry ${registryKind}`, async () => {
      const { tag, image } = await start();
      look = (seen) => (seen.url.includes("/manifests/") ? answer(seen) : undefined);
      fault = (step) => (step === "last" ? refusal({ status: 409, code: "DENIED" }) : undefined);
      const { deleted, reason } = await open(proxy.host).deleteTag(tag, image.index.digest);
      expect(deleted).to.equal(false);
      expect(reason ?? "").to.match(/answered 409/);
      expect(await open(registry.host).getManifest(tag)).to.deep.equal(image.index);
    });
  }

  const failedRestores: Readonly<Record<string, (step: Step, pointed: number) => Fault | undefined>> = {
    "refused like the last step": (step, pointed) =>
      step === "last" || (step === "pointing" && pointed > 1) ? refusal({ status: 405, code: "UNSUPPORTED" }) : undefined,
    "refused after the registry moved it in spite of its refusal": (step, pointed) => {
      if (step !== "pointing") return undefined;
      return pointed > 1 ? refusal({ status: 405 }) : { kind: "headers", change: (headers) => headers, status: 405 };
    },
    "refused after the last step was forbidden": (step, pointed) => {
      if (step === "last") return refusal({ status: 403, code: "DENIED" });
      return step === "pointing" && pointed > 1 ? refusal({ status: 405 }) : undefined;
    },
  };
  for (const [when, faultOf] of Object.entries(failedRestores)) {
    it(`is an error with a hint when restoring the tag is ${when}, and the next deletion finishes`, async () => {
      const { tag, image } = await start();
      let pointed = 0;
      fault = (step) => faultOf(step, step === "pointing" ? (pointed += 1) : pointed);
      await expect(open(proxy.host).deleteTag(tag, image.index.digest)).to.be.rejectedWithError({
        name: "DhiError",
        message: new RegExp(`the tag ${tag} in .* was being deleted, and its image ${image.index.digest} could not be restored`),
        hint: /Run destroy again/,
      });
      fault = undefined;
      expect(await open(registry.host).getManifest(tag)).to.not.deep.equal(image.index);
      expect(await open(proxy.host).deleteTag(tag, image.index.digest)).to.deep.equal({ deleted: true });
      expect(await open(registry.host).headManifest(tag)).to.equal(undefined);
    });
  }

  it("is an error when the registry accepts the image for the tag but does not restore it", async () => {
    const { tag, image } = await start();
    let pointed = 0;
    fault = (step) => {
      if (step === "last") return refusal({ status: 405, code: "UNSUPPORTED" });
      return step === "pointing" && (pointed += 1) > 1 ? { kind: "status", status: 201 } : undefined;
    };
    await expect(open(proxy.host).deleteTag(tag, image.index.digest)).to.be.rejectedWithError({ code: "rejected", message: /accepted the manifest, but the tag still points at/ }); // prettier-ignore
  });

  it("ends soon after a cancellation when the registry no longer responds, and says that the tag is not restored", async () => {
    const { tag, image } = await start();
    const interruption = new AbortController();
    fault = (step) => {
      if (step !== "last") return undefined;
      look = () => ({ kind: "delay", milliseconds: Infinity });
      setTimeout(() => {
        interruption.abort();
      }, 50);
      return { kind: "delay", milliseconds: Infinity };
    };
    const options = { projectDirectory: "/", env: { HOME: "/nonexistent" }, signal: interruption.signal };
    const deletion = openRepositories(options).open(at(proxy.host)).deleteTag(tag, image.index.digest);
    await expect(deletion).to.be.rejectedWithError({ code: "cancelled", message: new RegExp(`its image ${image.index.digest} could not be restored`) }); // prettier-ignore
    fault = undefined;
    look = undefined;
    expect(await open(proxy.host).deleteTag(tag, image.index.digest)).to.deep.equal({ deleted: true });
  });

  for (const end of [{ kind: "delay", milliseconds: 300 }, { kind: "reset" }] as const) {
    it(`leaves a tag that was moved during the last step, which ends with a ${end.kind}`, async () => {
      const { tag, image } = await start();
      const moved = testImage(20);
      const moves: Promise<void>[] = [];
      fault = (step) => {
        if (step !== "last") return undefined;
        if (moves.length === 0) moves.push(publishImage(open(registry.host), moved, tag));
        return end;
      };
      const deletion = open(proxy.host).deleteTag(tag, image.index.digest);
      if (end.kind === "reset") await expect(deletion).to.be.rejectedWithError({ code: "unavailable" });
      else expect(await deletion).to.deep.equal({ deleted: true });
      await Promise.all(moves);
      expect(await open(registry.host).getManifest(tag)).to.deep.equal(moved.index);
    });
  }

  it("deletes each of several tags of an image, concurrently, and leaves the others", async () => {
    const { tag, image } = await start();
    const others = Array.from({ length: 5 }, (_, number) => `${tag}-${String(number)}`);
    for (const other of [...others, "kept"]) await open(registry.host).putManifest(other, image.index);
    const all = [tag, ...others].map((name) => open(proxy.host).deleteTag(name, image.index.digest));
    for (const outcome of await Promise.all(all)) expect(outcome).to.deep.equal({ deleted: true });
    for (const name of [tag, ...others]) expect(await open(registry.host).headManifest(name)).to.equal(undefined);
    expect(await open(registry.host).getManifest("kept")).to.deep.equal(image.index);
  });
});

it("a token without the right to delete is an error, and the tag stays", async () => {
  const grant = (_repository: string, actions: readonly string[]) => actions.filter((action) => action !== "delete");
  const registry = await startDockerRegistry({ auth: "bearer", tokens: { grant } });
  cleanup(registry.stop);
  const registries = { [registry.host]: { username: registry.username, password: registry.password } };
  const repositories = openRepositories({ projectDirectory: "/", env: { HOME: "/nonexistent" }, registries });
  const repository = repositories.open({ kind: "registry", host: registry.host, name: "acme/app" });
  const image = testImage(10);
  await publishImage(repository, image, "v1");
  await expect(repository.deleteTag("v1", image.index.digest)).to.be.rejectedWithError({ code: "unauthorized" });
  expect(await repository.getManifest("v1")).to.deep.equal(image.index);
});
