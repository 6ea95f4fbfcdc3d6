import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/**
 * The floors of the house (ARCHITECTURE.md). A project's tag says on which floor it stands, and
 * imports only run downward. A tag without a row here would be unrestricted, so every tag has one.
 */
const floors = [
  ['type:core', ['type:core']],
  ['type:foundation', ['type:core', 'type:foundation']],
  ['type:adapter', ['type:core', 'type:foundation']],
  ['type:pipeline', ['type:core', 'type:foundation', 'type:adapter', 'type:pipeline']],
  ['type:app', ['type:core', 'type:foundation', 'type:adapter', 'type:pipeline']],
  [
    'type:composition',
    ['type:core', 'type:foundation', 'type:adapter', 'type:pipeline', 'type:app', 'type:tool'],
  ],
  ['type:tool', ['type:core', 'type:foundation', 'type:adapter', 'type:pipeline', 'type:tool']],
];

const apps = [
  'social-simulator',
  'faults',
  'collector',
  'sync-downloader',
  'engine',
  'sync-uploader',
  'cacher',
  'janitor',
  'web',
  'standalone',
];

/** The rule with these floors. Nx forbids every import of an app; `allow` is the way to permit one. */
const boundaries = (allow = []) => [
  'error',
  {
    enforceBuildableLibDependency: false,
    allow,
    depConstraints: floors.map(([sourceTag, onlyDependOnLibsWithTags]) => ({
      sourceTag,
      onlyDependOnLibsWithTags,
    })),
  },
];

const coreLibraries = ['checksum', 'errors', 'jpeg', 'mosaic', 'random', 'tile-pack', 'wasm'];

export default tseslint.config(
  { ignores: ['**/dist', '**/node_modules', '.nx', 'tmp', '**/*.cjs', '.mosaicme'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,mjs}'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(),
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['tools/**/*.{ts,mjs}', 'apps/cli/**/*.ts', 'apps/standalone/src/main.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // The one exception: the all-in-one program, its demo and the end-to-end tests put the apps together.
    files: [
      'apps/standalone/**/*.ts',
      'apps/e2e/**/*.ts',
      'tools/{demo,faults,bench-pipeline,verify-deploy}/**/*.ts',
    ],
    rules: {
      '@nx/enforce-module-boundaries': boundaries(apps.map((name) => `@mosaicme/${name}`)),
    },
  },
  {
    // Scripts that run before anything is built; they are no part of a project.
    files: ['tools/**/*.mjs', '*.mjs'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    // Nx checks project imports only; what else a core library may import is checked here: nothing.
    files: coreLibraries.map((name) => `libs/${name}/src/**/*.ts`),
    ignores: ['**/*.spec.ts', '**/testing/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\.{1,2}/|@mosaicme/)',
              message: 'Core libraries are pure: no Node built-ins and no npm packages.',
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', 'require', '__dirname', 'fetch', 'setTimeout'].map((name) => ({
          name,
          message: 'Core libraries are pure: no I/O and no Node globals.',
        })),
      ],
    },
  },
  prettier,
);
