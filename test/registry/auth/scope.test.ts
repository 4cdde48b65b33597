import { it } from "mocha";
import { mergeScopes, repositoryScope } from "../../../provider/registry/auth/scope.js";
import { nextLink } from "../../../provider/registry/remote/pages.js";
import { expect } from "../../support/expectations.js";

it("the scope of a repository has the format of the specification", () => {
  expect(repositoryScope("a/b", "pull", "push")).to.equal("repository:a/b:pull,push");
});

it("scopes are merged by repository, in a fixed order", () => {
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
  it(`the next page of ${header ?? "no link"} is ${target ?? "none"}`, () => expect(nextLink(header)).to.equal(target)); // prettier-ignore
}
