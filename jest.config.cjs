// Three tiers: `unit` needs no server, `conformance` runs each port's suite on the real server,
// `e2e` starts every app as a process of its own, `browser` opens the pages in Chromium. tools/test/run.mjs runs them all.

// Packages that are ES modules only, or load by import() what Jest has not in CommonJS.
const modulesOnly = [
  '@opentelemetry/otlp-exporter-base',
  '@atcute/[^/]+',
  'change-case',
  'esm-env',
  'eventsource-parser',
  'p-limit',
  'p-queue',
  'unicode-segmenter',
  'yocto-queue',
];

const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      },
    ],
    [`/node_modules/(${modulesOnly.join('|')})/.+\\.m?js$`]: [
      '@swc/jest',
      { jsc: { target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${modulesOnly.join('|')})/)`],
  moduleNameMapper: {
    ...Object.fromEntries(
      Object.entries(require('./tsconfig.base.json').compilerOptions.paths).map(
        ([name, [file]]) => [`^${name}$`, file.replace('./', '<rootDir>/')],
      ),
    ),
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.nx', '<rootDir>/tmp'],
};

module.exports = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,tools}/**/*.spec.ts'],
      testPathIgnorePatterns: [
        '\\.conformance\\.spec\\.ts$',
        '\\.e2e\\.spec\\.ts$',
        '\\.browser\\.spec\\.ts$',
        '/node_modules/',
      ],
    },
    {
      ...shared,
      displayName: 'conformance',
      testMatch: ['<rootDir>/{apps,libs,tools}/**/*.conformance.spec.ts'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/apps/e2e/**/*.e2e.spec.ts'],
    },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['<rootDir>/apps/**/*.browser.spec.ts'],
    },
  ],
};
