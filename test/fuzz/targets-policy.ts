import { findDenied } from "../../provider/pipeline/policy/license-expression.js";
import { secretKinds } from "../../provider/pipeline/policy/secret-patterns.js";
import { expect } from "../support/expectations.js";
import { textOf, type Target } from "./target.js";

export const policyTargets: readonly Target[] = [
  {
    name: "licenses",
    seeds: ["GPL-2.0-or-later AND (MIT OR BSD-3-Clause) WITH GCC-exception-3.1", "MIT BSD GPL2+", "custom:multiple"],
    words: ["(", ")", " AND ", " OR ", " WITH ", "MIT", "AGPL-3.0-only", "+", ",", "/"],
    limit: 65_536,
    run: (input) => {
      const text = textOf(input);
      const found = findDenied(text, (license) => license.startsWith("AGPL"));
      expect(found === undefined || text.includes(found)).to.equal(true);
    },
  },
  {
    name: "secrets",
    seeds: [`key = ghp_${"b".repeat(36)}`, "machine example.com login me password x", "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEvQ"],
    words: [
      "-----BEGIN ",
      "KEY-----",
      "AKIA",
      "ghp_",
      "aws_secret_access_key=",
      "machine ",
      "login ",
      "password ",
      '"auths":{',
      '"auth":"',
      "SG.",
    ],
    limit: 1024 * 1024,
    run: (input) => {
      expect(new Set(secretKinds(input.toString("latin1"))).size).to.be.at.least(0);
    },
  },
];
