import js from "@eslint/js";
import regexp from "eslint-plugin-regexp";
import tseslint from "typescript-eslint";

const typed = ["sdk/**/*.ts", "provider/**/*.ts", "cli/**/*.ts", "test/**/*.ts", "bench/**/*.ts"];

const nodeGlobals = ["process", "Buffer", "URL", "setTimeout", "clearTimeout", "setInterval", "clearInterval"];

export default tseslint.config(
  { ignores: ["dist/", "build/", "coverage/", "node_modules/", ".quickstart/", "examples/"] },
  {
    files: typed,
    extends: [js.configs.recommended, ...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "TSEnumDeclaration", message: "Use a union of string literals." },
        { selector: "ExportDefaultDeclaration", message: "Name what you export." },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // Numbers read as what they are; what has no useful text form stays an error.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Tar headers, references and redaction are about control characters.
      "no-control-regex": "off",
      // Taking properties away by rest is how a readonly value loses some.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true, argsIgnorePattern: "^_" }],
      "max-lines": ["error", { max: 400, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    // What they are applied to comes from others, and may be as long as they like.
    files: ["sdk/**/*.ts", "provider/**/*.ts", "cli/**/*.ts"],
    plugins: { regexp },
    rules: {
      "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
      "regexp/no-super-linear-move": ["error", { report: "potential", ignoreSticky: true }],
    },
  },
  {
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      // An expectation of a promise is one itself, and holds nothing until it is awaited.
      "@typescript-eslint/no-floating-promises": ["error", { checkThenables: true }],
      // A test that awaits nothing may still be declared async, as its neighbours are.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  { files: ["bench/**/*.ts"], rules: { "no-console": "off" } },
  {
    files: ["scripts/**/*.mjs", "test/**/*.mjs", "*.mjs"],
    extends: [js.configs.recommended],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, "readonly"])) },
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": "error", "no-unused-vars": ["error", { varsIgnorePattern: "^_" }] },
  },
);
