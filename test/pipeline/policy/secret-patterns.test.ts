import { describe, it } from "mocha";
import { MAX_SEARCHED } from "../../../provider/pipeline/policy/forbid-secrets.js";
import { secretKinds } from "../../../provider/pipeline/policy/secret-patterns.js";
import { expect } from "../../support/expectations.js";

/** Texts are put together here, so that no scanner takes this file for a leak. */
const secret = "PRIVATE";
const example = "EXAMPLEKEY";
const of = (prefix: string, character: string, count: number): string => prefix + character.repeat(count);
const begin = (kind: string): string => `-----BEGIN ${kind}${secret} KEY-----`;
const body = of("MIIEvQIBADANBgkq", "a", 48);

const secrets: readonly (readonly [kind: string, text: string])[] = [
  ["a private key", `${begin("")}\n${body}\n`],
  ["a private key", `${begin("RSA ")}\r\nProc-Type: 4,ENCRYPTED\r\nDEK: AES,${of("", "0", 16)}\r\n\r\n${body}\r\n`],
  ["a private key", `${begin("OPENSSH ")}\n${body}`],
  ["a private key", `-----BEGIN PGP ${secret} KEY BLOCK-----\n\n${body}`],
  ["a private key", `{"private_key": "${begin("")}\\n${body}\\n"}`],
  ["an AWS access key", of("x=AKIA", "B", 16)],
  ["an AWS secret key", `AWS_SECRET_ACCESS_KEY=${of("", "b", 40)}`],
  ["an AWS secret key", `aws_secret_access_key = "${of("a/+", "b", 37)}"`],
  ["a GitHub token", of("ghp_", "b", 36)],
  ["a GitHub token", `github_pat_${of("", "b", 22)}_${of("", "c", 59)}`],
  ["a GitLab token", of("glpat-", "b", 20)],
  ["a Slack token", of("xoxb-1", "2", 20)],
  ["a Slack webhook", `https://hooks.slack.com/services/${of("", "T", 44)}`],
  ["an npm token", of("npm_", "b", 36)],
  ["a registry password of npm", `//registry.example.com/:_authToken=${of("", "b", 16)}`],
  ["a PyPI token", of("pypi-AgE", "b", 50)],
  ["a Docker token", of("dckr_pat_", "b", 27)],
  ["a registry password of Docker", `{"auths": {"registry.example.com": {"auth": "${of("", "b", 12)}"}}}`],
  ["a password of netrc", "machine example.com login me password hunter2"],
  ["a password of netrc", "machine example.com\n\tlogin me\n\tpassword hunter2"],
  ["a Pulumi token", of("pul-", "b", 40)],
  ["a Stripe key", of("sk_live_", "b", 24)],
  ["a Vault token", of("hvs.", "b", 24)],
  ["a Terraform Cloud token", `${of("", "b", 14)}.atlasv1.${of("", "c", 60)}`],
  ["an Azure storage key", `AccountKey=${of("", "b", 86)}==`],
  ["a DigitalOcean token", of("dop_v1_", "b", 64)],
  ["a Google access token", of("ya29.", "b", 30)],
  ["a Grafana token", `${of("glsa_", "b", 32)}_${of("", "0", 8)}`],
  ["an Anthropic key", of("sk-ant-", "b", 30)],
  ["an OpenAI key", of("sk-proj-", "b", 30)],
  ["a SendGrid key", `SG.${of("", "b", 22)}.${of("", "c", 43)}`],
];

const others: readonly string[] = [
  "",
  `const header = "${begin("")}";`,
  `${begin("RSA ")}\n...\n-----END RSA ${secret} KEY-----`,
  `-----BEGIN PUBLIC KEY-----\n${body}`,
  `-----BEGIN CERTIFICATE-----\n${body}`,
  // The examples of AWS's documentation.
  "AKIAIOSFODNN7EXAMPLE",
  `aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCY${example}`,
  of("ghp_", "b", 10),
  of("npm_", "b", 12),
  "//registry.example.com/:_authToken=${NPM_TOKEN}",
  '{"auths": {}}',
  "the machine that you login to with a password",
  "xoxo-love",
];

describe("secrets are found by their form", () => {
  for (const [at, [kind, text]] of secrets.entries()) {
    it(`${kind} (${String(at)})`, () => {
      expect(secretKinds(text)).to.deep.equal([kind]);
      expect(secretKinds(`line\n  "value": '${text}' more`)).to.deep.equal([kind]);
    });
  }

  it("and nothing else is taken for one", () => {
    for (const text of others) expect(secretKinds(text), text).to.deep.equal([]);
  });

  it("at the end of a long text that is made to be slow", () => {
    const nasty = [
      "machine a ",
      "machine ",
      '"auths":{',
      ":_auth = ",
      `${begin("")}\n`,
      "aws_secret_access_key = ",
      "AKIA",
      "SG.",
      "xapp-1-",
    ];
    for (const text of nasty) expect(secretKinds(text.repeat(MAX_SEARCHED / text.length)), text).to.deep.equal([]);
  });
});
