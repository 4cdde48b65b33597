// How mocha runs our tests. `npx mocha build/test/a/file.test.js` runs some by hand, two files at a time; npm test runs
// scripts/test.mjs, which starts a mocha for each file: see there why, and which files there are. `spec` is not set, since
// mocha would add all of it to the files that it is given.
module.exports = {
  // Its hooks know which test runs.
  require: ["./build/test/support/running-test.js"],
  parallel: true,
  jobs: 2,
  // A test that hangs fails, and the run goes on.
  timeout: (process.env.DHI_LONG ? 90 : 15) * 60_000,
  // A file without tests is a mistake.
  "fail-zero": true,
  "node-option": ["enable-source-maps"],
};
