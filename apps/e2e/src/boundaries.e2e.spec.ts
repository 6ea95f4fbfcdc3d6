import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

jest.setTimeout(120_000);

const root = join(__dirname, '../../..');
const environment = { ...process.env, NX_DAEMON: 'false' };

/** Lints a file that does not exist, as if it stood at `path`. */
function lint(path: string, code: string) {
  const { status, stdout } = spawnSync(
    'npx',
    ['eslint', '--stdin', '--stdin-filename', path, '--max-warnings', '0'],
    { cwd: root, env: environment, input: code, encoding: 'utf8' },
  );
  return { status, stdout };
}

beforeAll(() => {
  // Without the project graph Nx skips its boundaries silently.
  spawnSync('npx', ['nx', 'show', 'projects', '--json'], { cwd: root, env: environment });
});

it.each([
  ['an app that imports an app', 'apps/engine/src/x.ts', '@mosaicme/cacher'],
  ['an adapter that imports an adapter', 'libs/catalogue/src/x.ts', '@mosaicme/messaging'],
  ['a foundation that imports an adapter', 'libs/config/src/x.ts', '@mosaicme/object-store'],
  ['a core library that imports a Node built-in', 'libs/mosaic/src/x.ts', 'node:fs'],
  ['a core library that imports an npm package', 'libs/jpeg/src/x.ts', 'sharp'],
  ['a core library that imports a foundation', 'libs/errors/src/x.ts', '@mosaicme/config'],
])('the linter refuses %s', (_name, path, imported) => {
  const { status, stdout } = lint(path, `import * as it from '${imported}';\nexport { it };\n`);
  expect(status).toBe(1);
  expect(stdout).toMatch(/enforce-module-boundaries|no-restricted-imports/);
});

it('the linter accepts an import that runs downward', () => {
  const code = "import { messageOf } from '@mosaicme/errors';\n\nexport { messageOf };\n";
  expect(lint('libs/catalogue/src/x.ts', code)).toEqual({ status: 0, stdout: '' });
});
