import { existsSync } from 'node:fs';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies packages, and all that they need of those that are installed, into `outdir`/node_modules: the
 * very files that the lock file chose.
 */
export async function copyPackages(root, names, outdir) {
  const copied = new Set();
  const waiting = [...names];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const from = join(root, 'node_modules', name);
    // An optional package for another platform is not there.
    if (copied.has(name) || !existsSync(from)) continue;
    copied.add(name);
    await cp(from, join(outdir, 'node_modules', name), { recursive: true });
    const { dependencies, optionalDependencies } = JSON.parse(
      await readFile(join(from, 'package.json'), 'utf8'),
    );
    waiting.push(...Object.keys({ ...dependencies, ...optionalDependencies }));
  }
}

/** Writes the licences of all packages that are part of a bundle into one file, as they ask for. */
export async function writeLicences(root, { inputs }, file) {
  const folders = new Set(
    Object.keys(inputs)
      .map((path) => /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
      .filter((folder) => folder !== undefined),
  );
  const texts = await Promise.all(
    [...folders].sort().map(async (folder) => {
      const { name, version, license } = JSON.parse(
        await readFile(join(root, folder, 'package.json'), 'utf8'),
      );
      const files = (await readdir(join(root, folder))).filter((entry) =>
        /^(licen[cs]e|notice)/i.test(entry),
      );
      const bodies = await Promise.all(
        files.map((entry) => readFile(join(root, folder, entry), 'utf8')),
      );
      return [`${name} ${version} (${license})`, ...bodies].join('\n\n');
    }),
  );
  await writeFile(file, texts.join(`\n\n${'-'.repeat(80)}\n\n`));
}
