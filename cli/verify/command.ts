import { Command, Option } from "commander";
import { parseReference } from "../../provider/image/reference.js";
import { parseVerify } from "../../provider/pipeline/spec/verify.js";
import { verifyNamed } from "../../provider/pipeline/verify/verify-named.js";
import { openRepositories } from "../../provider/registry/open.js";
import { formatJson } from "../output/json.js";
import { runAction } from "../run-action.js";
import { formatText } from "./format-text.js";

/** Exit code when an image is not signed as it must be. */
export const NOT_SIGNED = 2;

const help = `
A key is PEM text, a file, or dhi for those that sign Docker Hardened Images; one that holds is enough. Exit codes: 0 the image is signed so,
2 it is not, 1 an error.`;

interface Options {
  readonly key?: readonly string[];
  readonly identity?: string;
  readonly issuer?: string;
  readonly trustedRoot?: string;
  readonly source?: string;
  readonly json?: true;
}

export function verifyCommand(): Command {
  return new Command("verify")
    .description("whether an image is signed by a key or an identity")
    .argument("<ref>", "the image: registry/name[:tag][@sha256:…], or oci:path[:tag][@sha256:…]")
    .addOption(new Option("--key <key...>", "public keys that may have signed").conflicts(["identity", "issuer", "trustedRoot"]))
    .option("--identity <identity>", "the identity in the certificate of a keyless signature")
    .option("--issuer <url>", "the provider that vouched for the identity")
    .option("--trusted-root <file>", "the trusted root of a Sigstore of your own")
    .option("--source <repository>", "a second repository that signatures are looked for in")
    .option("--json", "print JSON")
    .addHelpText("after", help)
    .action((ref: string, options: Options) => runAction(() => printVerdict(ref, options)));
}

async function printVerdict(ref: string, { key: keys, identity, issuer, trustedRoot, source, json }: Options): Promise<number> {
  const sigstore = trustedRoot === undefined ? undefined : { trustedRoot };
  const policy = parseVerify({ keys, identity, issuer, sigstore, source }, "the policy", "Give --key, or both --identity and --issuer");
  const directory = process.cwd();
  const repositories = openRepositories({ projectDirectory: directory });
  try {
    const found = await verifyNamed(repositories, directory, parseReference(ref), policy);
    process.stdout.write(json === true ? formatJson({ ref: found.ref, ...found.outcome }) : formatText(found));
    return "signer" in found.outcome ? 0 : NOT_SIGNED;
  } finally {
    await repositories.close();
  }
}
