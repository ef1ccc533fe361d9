import { defineConfig, type OxlintOverride } from "oxlint";

/**
 * The layers of the harness, lowest first. A file imports from its own layer and from lower ones. Layers in one entry are
 * beside each other and know nothing of one another.
 */
export const LAYERS = [
  ["statistics"],
  ["results"],
  ["machine"],
  ["children"],
  ["checks", "conformance", "engines", "connection", "agents"],
  ["capacity", "rotation"],
  ["plan", "reports"],
  ["run", "calibrate", "crosscheck", "micro", "load"],
  ["gate", "profile"],
  ["proof"],
  ["site"],
] as const;

/** Single files that everybody may import, because they import nothing but each other. */
export const FOUNDATION = [
  "contract",
  "failure",
  "modules",
  "nearest",
  "older-node",
  "project",
  "shell-word",
  "units",
  "unknown-name",
];

const layerRules = LAYERS.flatMap((besideEachOther, height) =>
  besideEachOther.map((layer) => {
    const higher = LAYERS.slice(height + 1).flat();
    const beside = besideEachOther.filter((other) => other !== layer);
    return restrict(`harness/${layer}/**`, [
      {
        regex: `^(\\.\\./)+(${[...beside, ...higher].join("|") || "-"})/`,
        message: `harness/${layer} imports only lower layers: ${LAYERS.slice(0, height).flat().join(", ") || "none"}.`,
      },
      {
        regex: "^(\\.\\./)+index\\.ts$",
        message:
          "harness/index.ts is for programs outside; inside the harness, import the layer that does it.",
      },
      {
        regex: "/(scripts|frameworks|scenarios)/",
        message:
          "The harness discovers frameworks and scenarios by reading their folders, and nobody imports scripts.",
      },
    ]);
  }),
);

/** An expression of Rust's regex, which has no lookahead, or groups of globs, of which "!" takes some back. */
type Pattern = { message: string } & ({ regex: string } | { group: string[] });

function restrict(files: string | string[], patterns: Pattern[]): OxlintOverride {
  return { files: [files].flat(), rules: { "no-restricted-imports": ["error", { patterns }] } };
}

export default defineConfig({
  plugins: ["typescript", "unicorn", "import", "promise", "node", "oxc"],
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    "no-console": "error",
    // Circles of types are circles too: neither file can be understood, or moved, without the other.
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "import/no-unassigned-import": ["error", { allow: ["**/older-node.ts"] }],
    "unicorn/prefer-node-protocol": "error",
    "typescript/no-explicit-any": "error",
    "no-await-in-loop": "off",
    "no-shadow": "off",
    "unicorn/no-useless-spread": "off",
    "unicorn/consistent-function-scoping": "off",
    "unicorn/require-post-message-target-origin": "off",
    "promise/always-return": "off",
    "unicorn/no-new-array": "off",
  },
  ignorePatterns: ["build", "dist", "prebuilds", "results/runs", "node_modules"],
  overrides: [
    ...layerRules,
    restrict(
      FOUNDATION.map((name) => `harness/${name}.ts`),
      [
        {
          group: ["../**", "!../native/binaries.ts", "./**", ...FOUNDATION.map((name) => `!./${name}.ts`)],
          message:
            "The foundation of the harness imports nothing but itself, so that everything can import it.",
        },
      ],
    ),
    restrict("harness/contract.ts", [
      { regex: ".", message: "The contract imports nothing, so that everything can import it." },
    ]),
    restrict("harness/statistics/**", [
      {
        regex: "^([^.j]|j[^s]|\\.\\./)",
        message: "This imports nothing from outside itself but jStat, so that everything can import it.",
      },
    ]),
    restrict("scenarios/**", [
      {
        group: ["**", "./**", "../**", "!../harness/contract.ts"],
        message: "A scenario imports only the contract; its tools arrive in its context.",
      },
    ]),
    restrict("frameworks/**", [
      {
        group: [
          ...["scripts", "scenarios", "tests", "frameworks", "results", "harness"].map(
            (one) => `../../${one}/**`,
          ),
          "!../../harness/contract.ts",
        ],
        message:
          "A framework imports the contract, protocols/, and its own dependency, which may be native/, reactor/ or extras/.",
      },
      { regex: "^\\.\\./[^.]", message: "A framework never imports another framework." },
    ]),
    restrict("protocols/**", [
      { regex: "^\\.\\./", message: "A codec turns bytes into bytes and knows nothing outside protocols/." },
      { regex: "^node:(net|http|https|tls|dgram|fs)$", message: "A codec owns no socket and no file." },
    ]),
    restrict("reactor/**", [
      {
        regex: "^\\.\\./(harness|scripts|frameworks|scenarios|protocols|tests)/",
        message: "The public API imports itself and native/, so that it can be used without the benchmark.",
      },
    ]),
  ],
});
