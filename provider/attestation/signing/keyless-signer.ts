import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Bundle } from "@sigstore/bundle";
import type { BundleBuilderOptions } from "@sigstore/sign";
import { systemCode } from "../../cache/files.js";
import { DhiError } from "../../errors.js";
import { encodeBundle } from "../formats/bundle.js";
import type { Envelope } from "../formats/dsse.js";
import { IN_TOTO } from "../formats/media-types.js";
import type { CommandOptions } from "../keys/command-key.js";
import { certifiedKey } from "./certified-key.js";
import { cosignAnnotations } from "./cosign-annotations.js";
import { readIdentity } from "./identity.js";
import { parseSigningConfig } from "./signing-config.js";
import { loadSigning, type SigningLibrary } from "./signing-library.js";
import { servicesOf, type DeclaredServices, type SigningServices } from "./signing-services.js";
import { explainSigstore } from "./sigstore-failure.js";
import type { Signer } from "./signer.js";

/** Services of one's own; what is left out is the public Sigstore's. */
export interface KeylessServices extends DeclaredServices {
  /** A file, relative to the project, in place of the URLs. */
  readonly signingConfig?: string | undefined;
}

/** Milliseconds of one request to a service, and how often it is made again. */
const fetching = { timeout: 30_000, retry: { retries: 2 } };

/** A signer with the identity of the CI that this runs in (OpenID Connect). Its library is an optional dependency, loaded only here. */
export async function openKeyless(declared: KeylessServices, options: CommandOptions): Promise<Signer> {
  const services = servicesOf(declared, await readConfig(declared.signingConfig, options.projectDirectory));
  const library = await loadSigning();
  const { bundleToJSON } = await import("@sigstore/bundle");
  const { DSSEBundleBuilder, MessageSignatureBundleBuilder } = library;
  const builder = builderOf(library, services, options.env);
  const make = async (work: Promise<Bundle>): Promise<Bundle> => {
    try {
      return await work;
    } catch (thrown) {
      throw explainSigstore(thrown);
    }
  };
  return {
    id: ["keyless", services.fulcio, services.rekor?.url ?? "-", services.tsa ?? "-"].join(" "),
    signStatement: async (statement) => {
      const made = await make(new DSSEBundleBuilder(builder).create({ data: statement, type: IN_TOTO }));
      const envelope = envelopeIn(made);
      return { bundle: encodeBundle(bundleToJSON(made), envelope), envelope, annotations: cosignAnnotations(made, true) };
    },
    signPayload: async (payload) => {
      const made = await make(new MessageSignatureBundleBuilder(builder).create({ data: payload }));
      if (made.content.$case !== "messageSignature") throw new Error("what is made of bytes is a message signature");
      return { signature: made.content.messageSignature.signature, annotations: cosignAnnotations(made, false) };
    },
    // Its key is gone with the operation.
    verify: undefined,
  };
}

function builderOf(library: SigningLibrary, { fulcio, rekor, tsa }: SigningServices, env: NodeJS.ProcessEnv): BundleBuilderOptions {
  const { FulcioSigner, RekorWitness, TSAWitness } = library;
  const identityProvider = { getToken: () => readIdentity(library, env) };
  return {
    signer: certifiedKey((keyHolder) => new FulcioSigner({ fulcioBaseURL: fulcio, identityProvider, keyHolder, ...fetching })),
    witnesses: [
      ...(rekor === undefined ? [] : [new RekorWitness({ rekorBaseURL: rekor.url, majorApiVersion: rekor.majorApiVersion, ...fetching })]),
      ...(tsa === undefined ? [] : [new TSAWitness({ tsaBaseURL: tsa, ...fetching })]),
    ],
  };
}

function envelopeIn({ content }: Bundle): Envelope {
  if (content.$case !== "dsseEnvelope") throw new Error("what is made of a statement is an envelope");
  const { payloadType, payload, signatures } = content.dsseEnvelope;
  return { payloadType, payload, signatures: signatures.map(({ sig }) => sig) };
}

async function readConfig(file: string | undefined, projectDirectory: string): Promise<SigningServices | undefined> {
  if (file === undefined) return undefined;
  try {
    return parseSigningConfig(await readFile(resolve(projectDirectory, file)), file, Date.now());
  } catch (thrown) {
    if (thrown instanceof DhiError || systemCode(thrown) === undefined) throw thrown;
    throw new DhiError("not-found", `the signing config ${file} cannot be read`, { hint: "Paths are relative to the Pulumi project" });
  }
}
