import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import type * as Grpc from "@grpc/grpc-js";
import type * as ProviderServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as ProviderMessages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as EngineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type * as EngineMessages from "@pulumi/pulumi/proto/engine_pb.js";

// Resolved from `@pulumi/pulumi` itself: two copies of grpc do not accept each other's credentials.
const near = createRequire(require.resolve("@pulumi/pulumi"));
const grpc = near("@grpc/grpc-js") as typeof Grpc;
const { ResourceProviderClient } = near("./proto/provider_grpc_pb") as typeof ProviderServices;
const messages = near("./proto/provider_pb") as typeof ProviderMessages;
const { EngineService } = near("./proto/engine_grpc_pb") as typeof EngineServices;
const { Empty } = near("google-protobuf/google/protobuf/empty_pb") as { Empty: new () => object };
const { Struct } = near("google-protobuf/google/protobuf/struct_pb") as { Struct: { fromJavaScript(values: object): StructMessage } };
const { Status } = near("./proto/status_pb") as { Status: { deserializeBinary(bytes: Uint8Array): RpcStatus } };

interface RpcStatus {
  getDetailsList(): readonly { unpack<T>(deserialize: (bytes: Uint8Array) => T, name: string): T | null }[];
}

export type Values = Readonly<Record<string, unknown>>;
type StructMessage = NonNullable<Parameters<ProviderMessages.ConfigureRequest["setArgs"]>[0]>;
const pack = (values: Values): StructMessage => Struct.fromJavaScript(values);
const unpack = (message: StructMessage | undefined): Values => message?.toJavaScript() ?? {};

/** A log line as the engine receives it. */
export interface Line {
  readonly urn: string;
  readonly message: string;
  readonly ephemeral: boolean;
}

/** Only the engine's log service. */
export async function startLogService(): Promise<{ readonly address: string; readonly lines: readonly Line[]; readonly stop: () => void }> {
  const lines: Line[] = [];
  const server = new grpc.Server();
  const { log } = EngineService;
  server.addService(
    { log },
    {
      log: (call: { request: EngineMessages.LogRequest }, callback: (error: null, answer: object) => void) => {
        lines.push({ urn: call.request.getUrn(), message: call.request.getMessage(), ephemeral: call.request.getEphemeral() });
        callback(null, new Empty());
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { address: `127.0.0.1:${port}`, lines, stop: () => server.forceShutdown() };
}

/** The error of a failed call, and what the engine would save. */
export interface Failure {
  readonly message: string;
  readonly id: string | undefined;
  readonly properties: Values | undefined;
  readonly reasons: readonly string[];
}

function failureOf(error: Grpc.ServiceError): Failure {
  const bytes = error.metadata.get("grpc-status-details-bin")[0];
  const [detail] = bytes instanceof Buffer ? Status.deserializeBinary(bytes).getDetailsList() : [];
  const init = detail?.unpack((data) => messages.ErrorResourceInitFailed.deserializeBinary(data), "pulumirpc.ErrorResourceInitFailed");
  return {
    message: error.details,
    id: init?.getId(),
    properties: init === null || init === undefined ? undefined : unpack(init.getProperties()),
    reasons: init?.getReasonsList() ?? [],
  };
}

export type DynamicHost = Awaited<ReturnType<typeof startDynamicHost>>;

/** The real host of dynamic providers as the engine starts it, in a project's folder. Rejections of its methods are `Failure`s. */
export async function startDynamicHost(folder: string, engine: string, config: Values) {
  const program = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  const env = { ...process.env, PULUMI_NODEJS_PROJECT: "adapter", DHI_DEBUG: undefined };
  const child = spawn(process.execPath, [program, engine], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const printed: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => printed.push(chunk.toString()));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve);
    child.once("exit", (code) => {
      reject(new Error(`the host ended with ${String(code)}: ${printed.join("")}`));
    });
  });
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const call = <T>(send: (done: (error: Grpc.ServiceError | null, answer: T) => void) => unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      send((error, answer) => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a failure of the host is what is looked at
        if (error !== null) reject(failureOf(error));
        else resolve(answer);
      });
    });
  const args = new messages.ConfigureRequest();
  args.setArgs(pack(config));
  await call((done) => client.configure(args, done));
  return {
    printed: () => printed.join(""),
    async check(olds: Values, news: Values) {
      const request = new messages.CheckRequest();
      request.setOlds(pack(olds));
      request.setNews(pack(news));
      const answer = await call<InstanceType<typeof messages.CheckResponse>>((done) => client.check(request, done));
      const failures = answer.getFailuresList().map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
      return { inputs: unpack(answer.getInputs()), failures };
    },
    async diff(id: string, olds: Values, news: Values) {
      const request = new messages.DiffRequest();
      request.setId(id);
      request.setOlds(pack(olds));
      request.setNews(pack(news));
      const answer = await call<InstanceType<typeof messages.DiffResponse>>((done) => client.diff(request, done));
      return { changes: answer.getChanges(), replaces: answer.getReplacesList() };
    },
    async create(inputs: Values) {
      const request = new messages.CreateRequest();
      request.setProperties(pack(inputs));
      const answer = await call<InstanceType<typeof messages.CreateResponse>>((done) => client.create(request, done));
      return { id: answer.getId(), outs: unpack(answer.getProperties()) };
    },
    async update(id: string, olds: Values, news: Values) {
      const request = new messages.UpdateRequest();
      request.setId(id);
      request.setOlds(pack(olds));
      request.setNews(pack(news));
      const answer = await call<InstanceType<typeof messages.UpdateResponse>>((done) => client.update(request, done));
      return { outs: unpack(answer.getProperties()) };
    },
    async read(id: string, properties: Values) {
      const request = new messages.ReadRequest();
      request.setId(id);
      request.setProperties(pack(properties));
      const answer = await call<InstanceType<typeof messages.ReadResponse>>((done) => client.read(request, done));
      return { id: answer.getId(), props: unpack(answer.getProperties()), inputs: unpack(answer.getInputs()) };
    },
    async delete(id: string, properties: Values) {
      const request = new messages.DeleteRequest();
      request.setId(id);
      request.setProperties(pack(properties));
      await call((done) => client.delete(request, done));
    },
    /** Interrupts the host, as the engine does. Resolves to its exit code. */
    stop: () =>
      new Promise<number | null>((resolve) => {
        client.close();
        child.removeAllListeners("exit");
        child.once("exit", resolve);
        if (!child.kill("SIGINT")) resolve(child.exitCode);
      }),
  };
}
