import { it } from "mocha";
import { mergeScopes, repositoryScope } from "../../../provider/registry/auth/scope.js";
import { nextLink } from "../../../provider/registry/remote/tags.js";
import { expect } from "../../support/expectations.js";

it("writes the scope of a repository", () => {
  expect(repositoryScope("a/b", "pull", "push")).to.equal("repository:a/b:pull,push");
});

it("merges the actions of each repository, in an order that does not depend on who comes first", () => {
  const [one, other] = [["repository:b:pull", "repository:a:push,pull"], ["repository:b:push", "repository:c:pull"]]; // prettier-ignore
  const merged = ["repository:a:pull,push", "repository:b:pull,push", "repository:c:pull"];
  expect(mergeScopes(one, other)).to.deep.equal(merged);
  expect(mergeScopes(other, one)).to.deep.equal(merged);
});

const links: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, undefined],
  ['</v2/a/tags/list?n=2&last=b>; rel="next"', "/v2/a/tags/list?n=2&last=b"],
  ["<https://r/x>; rel=next", "https://r/x"],
  ['</p>; rel="prev", </n>; rel="next"', "/n"],
  ['</n>; title="a, b"; rel="next"', "/n"],
  ['</p>; rel="prev"', undefined],
  ['</p>; rel="nextish"', undefined],
];
for (const [header, target] of links) {
  it(`follows ${header ?? "no link"} to ${target ?? "nowhere"}`, () => expect(nextLink(header)).to.equal(target)); // prettier-ignore
}
