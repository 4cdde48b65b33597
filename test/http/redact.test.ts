import fc from "fast-check";
import { it } from "mocha";
import { formatLogLine } from "../../provider/http/log.js";
import { redactUrl } from "../../provider/http/redact.js";
import { expect } from "../support/expectations.js";

const cases: readonly (readonly [string, string])[] = [
  ["https://r.example/v2/a/manifests/v1", "https://r.example/v2/a/manifests/v1"],
  ["https://bob:hunter2@r.example:5000/v2/", "https://r.example:5000/v2/"],
  [
    "https://r.example/v2/a/blobs/uploads/1?_state=c2VjcmV0&digest=sha256:ab",
    "https://r.example/v2/a/blobs/uploads/1?_state=***&digest=sha256:ab",
  ],
  [
    "https://r.example/token?service=reg&scope=repository:a/b:pull,push",
    "https://r.example/token?service=reg&scope=repository:a/b:pull,push",
  ],
  ["https://s3.example/x?X-Amz-Signature=abc&X-Amz-Credential=def", "https://s3.example/x?X-Amz-Signature=***&X-Amz-Credential=***"],
  ["https://r.example/v2/a/blobs/uploads/?mount=sha256:ab&from=b/c", "https://r.example/v2/a/blobs/uploads/?mount=sha256:ab&from=b/c"],
  ["https://r.example/x?token=abc#fragment", "https://r.example/x?token=***"],
  ["https://r.example/x?account=bob&offline_token=true", "https://r.example/x?account=***&offline_token=***"],
  ["no url with password", "***"],
  ["https://dl.example/abcdEFGH12345678/deb/dists/bookworm/InRelease", "https://dl.example/***/deb/dists/bookworm/InRelease"],
  ["https://dl.example/0123456789abcdef0123456789abcdef/deb", "https://dl.example/***/deb"],
  ["https://dl.example/x?abcdEFGH12345678&abcdEFGH12345678=1", "https://dl.example/x?***&***"],
  ["https://r.example/v2/a/manifests/Nightly-2024-Build", "https://r.example/v2/a/manifests/Nightly-2024-Build"],
  [
    "https://d.example/debian/pool/main/libF/libFoo_1.2~RC1-3_amd64.deb",
    "https://d.example/debian/pool/main/libF/libFoo_1.2~RC1-3_amd64.deb",
  ],
];

for (const [url, expected] of cases) {
  it(`${url} is redacted to ${expected}`, () => {
    expect(redactUrl(url)).to.equal(expected);
  });
}

it("a redacted URL never shows the user, the password or an unknown parameter", () => {
  const secret = fc.stringMatching(/^[a-zA-Z0-9]{12,30}$/).map((text) => `Z${text}Z`);
  fc.assert(
    fc.property(secret, secret, secret, (user, password, value) => {
      const shown = redactUrl(`https://${user}:${password}@r.example/path?a=${value}&sig=${value}`);
      for (const part of [user, password, value]) expect(shown.includes(part)).to.equal(false);
    }),
  );
});

it("the log has one line a request, safe for a terminal", () => {
  const entry = { method: "GET", url: new URL("https://u:p@h/x?t=1"), outcome: 200, sent: 0, received: 12, milliseconds: 3.4 };
  expect(formatLogLine(entry, new Date(0))).to.equal("1970-01-01T00:00:00.000Z GET https://h/x?t=*** 200 sent=0 received=12 ms=3\n");
  const hostile = formatLogLine({ ...entry, outcome: "\u001b[31m\r<{%boom%}>" }, new Date(0));
  expect(hostile).to.match(/ \\x1b\[31m\\x0d<\{ %boom%\}> sent=0 /);
});
