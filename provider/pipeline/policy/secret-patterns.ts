/** A well-known form of a secret. Patterns take time proportional to the text. */
interface SecretPattern {
  /** What it is, for messages. */
  readonly kind: string;
  readonly pattern: RegExp;
}

/** Cheap: a text without a match has no secret, so that most files are read once. */
const hint =
  /PRIVATE KEY|A(?:BIA|CCA|KIA|SIA)[A-Z2-7]|aws_secret|gh[oprsu]_|github_pat_|gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|soat)-|xox|xapp-|hooks\.slack|npm_|:_|pypi-|dckr_|pul-|[rs]k_live_|hvs\.|AccountKey|"auths"|dop_v1_|sk-ant-|\bmachine\s|SG\.|sk-proj-|\.atlasv1\.|ya29\.|glsa_/i;

const patterns: readonly SecretPattern[] = [
  {
    // PEM (RFC 7468), OpenSSH and OpenPGP; in JSON the newlines are escaped. A header alone, as in source code, is not a key.
    kind: "a private key",
    pattern: /-----BEGIN (?:[A-Z0-9]{1,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]){1,4}(?:(?!-----)[\s\S]){0,200}?[A-Za-z0-9+/]{40}/,
  },
  { kind: "an AWS access key", pattern: /\b(?:ABIA|ACCA|AKIA|ASIA)(?![A-Z2-7]{9}EXAMPLE\b)[A-Z2-7]{16}\b/ },
  {
    kind: "an AWS secret key",
    pattern: /aws_?secret_?(?:access_?)?key["']?\s{0,8}[=:]\s{0,8}["']?(?![\w/+]{26,33}EXAMPLEKEY)[\w/+]{40}(?![\w/+])/i,
  },
  { kind: "a GitHub token", pattern: /\b(?:gh[oprsu]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})/ },
  { kind: "a GitLab token", pattern: /\bgl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|soat)-[\w-]{20}/ },
  { kind: "a Slack token", pattern: /\bxox[abeoprs](?:\.xox[bp])?-\d[\w-]{20}|\bxapp-\d-[A-Z0-9]{5,20}-\d{5,20}-[a-z0-9]{20}/ },
  { kind: "a Slack webhook", pattern: /\bhooks\.slack\.com\/(?:services|triggers|workflows)\/[\w+/-]{40}/ },
  { kind: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { kind: "a registry password of npm", pattern: /:_(?:auth|authToken|password)\s{0,8}=\s{0,8}["']?[\w+/=-]{16}/ },
  { kind: "a PyPI token", pattern: /\bpypi-AgE[\w-]{50}/ },
  { kind: "a Docker token", pattern: /\bdckr_(?:oat|pat)_[\w-]{20}/ },
  {
    kind: "a registry password of Docker",
    pattern: /"auths"\s{0,40}:\s{0,40}\{[\s\S]{0,400}?"(?:auth|identitytoken)"\s{0,40}:\s{0,40}"[\w+/=-]{8}/,
  },
  { kind: "a password of netrc", pattern: /\bmachine\s{1,20}\S{1,200}\s{1,20}login\s{1,20}\S{1,200}\s{1,20}password\s{1,20}\S/ },
  { kind: "a Pulumi token", pattern: /\bpul-[a-f0-9]{40}\b/ },
  { kind: "a Stripe key", pattern: /\b[rs]k_live_[A-Za-z0-9]{24}/ },
  { kind: "a Vault token", pattern: /\bhvs\.[\w-]{24}/ },
  { kind: "a Terraform Cloud token", pattern: /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60}/ },
  { kind: "an Azure storage key", pattern: /\bAccountKey=[A-Za-z0-9+/]{86}==/ },
  { kind: "a DigitalOcean token", pattern: /\bdop_v1_[a-f0-9]{64}\b/ },
  { kind: "a Google access token", pattern: /\bya29\.[\w-]{30}/ },
  { kind: "a Grafana token", pattern: /\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\b/ },
  { kind: "an Anthropic key", pattern: /\bsk-ant-[\w-]{30}/ },
  { kind: "an OpenAI key", pattern: /\bsk-(?:proj|svcacct|admin)-[\w-]{30}/ },
  { kind: "a SendGrid key", pattern: /\bSG\.[\w-]{22}\.[\w-]{43}/ },
];

/** The kinds of all secrets in a text (latin1 for files). Never their values. */
export function secretKinds(text: string): readonly string[] {
  if (!hint.test(text)) return [];
  return patterns.filter(({ pattern }) => pattern.test(text)).map(({ kind }) => kind);
}
