// Rejects a release whose tag, package.json and CHANGELOG do not agree. Called by the release workflow with the tag.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runMain, say } from "./run.mjs";

const semver = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** The text under a version's heading in a changelog, or undefined where it has no such heading. */
export function findSection(changelog, version) {
  const lines = changelog.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  if (start < 0) return undefined;
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("## ") || /^\[[^\]]+\]: /.test(line));
  return lines
    .slice(start + 1, length < 0 ? undefined : start + 1 + length)
    .join("\n")
    .trim();
}

/** Why the tag must not be released, one sentence each; empty when everything agrees. */
export function findObjections({ tag, version, changelog }) {
  if (!tag?.startsWith("v") || !semver.test(tag.slice(1))) return [`the tag ${tag || "(none)"} is not a version: name it v${version}`];
  const objections = [];
  if (tag !== `v${version}`)
    objections.push(
      `the tag says ${tag.slice(1)}, package.json says ${version}: run npm version ${tag.slice(1)} --no-git-tag-version, or tag v${version}`,
    );
  const heading = changelog.split("\n").find((line) => line.startsWith(`## [${tag.slice(1)}]`));
  if (!heading) objections.push(`CHANGELOG.md has no heading "## [${tag.slice(1)}] - YYYY-MM-DD": move what is under Unreleased there`);
  else if (!/ - \d{4}-\d{2}-\d{2}$/.test(heading))
    objections.push(`CHANGELOG.md's heading for ${tag.slice(1)} has no date: write "## [${tag.slice(1)}] - YYYY-MM-DD"`);
  if (heading && !findSection(changelog, tag.slice(1))) objections.push(`CHANGELOG.md says nothing under ${tag.slice(1)}`);
  return objections;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain((args) => {
    const tag = args.find((argument) => !argument.startsWith("--"));
    const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");
    const changelog = read("CHANGELOG.md");
    const objections = findObjections({ tag, version: JSON.parse(read("package.json")).version, changelog });
    if (objections.length > 0) throw new Error(`This is not a valid release:\n${objections.map((line) => `  ${line}`).join("\n")}`);
    say(args.includes("--notes") ? findSection(changelog, tag.slice(1)) : `${tag} may be released.`);
  });
}
