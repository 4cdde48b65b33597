import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";
import type { Notice, PolicyArgs, ResolvedBase, Resolution } from "pulumi-dhi";

/** A pack sees an image's inputs, and its outputs too, as preview knows them. */
interface ImageFacts {
  readonly policy?: { readonly [Rule in keyof PolicyArgs]: unknown };
  readonly base?: ResolvedBase;
  readonly notices?: readonly Notice[];
  readonly resolution?: Resolution;
}

const images = /^pulumi-nodejs:dynamic\/dhi:(?:Customization|OciArtifact)$/;

/** A rule for every image. `judge` returns what is wrong. */
function rule(name: string, description: string, judge: (facts: ImageFacts) => readonly string[]): ResourceValidationPolicy {
  return {
    name,
    description,
    enforcementLevel: "mandatory",
    validateResource: ({ type, props }, reportViolation) => {
      if (images.test(type)) for (const wrong of judge(props)) reportViolation(wrong);
    },
  };
}

const supported = ["3.13", "3.14"];
const networkTools = /^(?:telnet|netcat-.*|nmap)$/;

new PolicyPack("images", {
  policies: [
    rule("own-policy", "An image forbids root and secrets itself, so that its own preview says so", ({ policy }) =>
      policy?.forbidRoot === true && policy.forbidSecrets === true ? [] : ["set forbidRoot and forbidSecrets in its policy"],
    ),
    rule("supported-base", "An image is built on a version that is supported here", ({ base }) =>
      base === undefined || supported.includes(base.tag)
        ? []
        : [`its base is ${base.tag} (${base.digest}), not one of ${supported.join(", ")}`],
    ),
    rule("no-shell", "An image gets no shell that its base has not", ({ notices = [] }) =>
      notices.filter(({ kind }) => kind === "shell-added").map(({ message }) => message),
    ),
    rule("no-network-tools", "An image gets no network tools, also as dependencies", ({ resolution }) =>
      Object.entries(resolution?.packages ?? {}).flatMap(([platform, versions]) =>
        Object.keys(versions).flatMap((name) => (networkTools.test(name) ? [`${name} is added for ${platform}`] : [])),
      ),
    ),
  ],
});
