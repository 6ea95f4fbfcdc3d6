import { readFile } from 'node:fs/promises';
import { ask, askPage } from './http';
import { isPublished, type Outcome } from './network';
import { readMemory } from './docker';
import { eventually } from './shell';
import { secondsSince, timed, withFreePorts, type Verification } from './verification';

const container = 'mosaicme';
const settleSeconds = 180;

/** The whole system in one container, fed by its folder of photos and by its upload page. */
export async function verifyAllInOne(verification: Verification): Promise<void> {
  const { docker, guide, root, photos, say } = verification;
  const { text: start, port } = await withFreePorts(guide.take('sh', 'all-in-one'), [80]);
  const galleryUrl = `http://127.0.0.1:${port(80)}`;
  const shell = (script: string): Promise<string> =>
    docker.shell(script, { cwd: root, timeoutSeconds: 120 });
  const answering = () =>
    eventually(
      '/status of the all-in-one container answers',
      () => askPage(`${galleryUrl}/status`),
      { timeoutSeconds: 60 },
    );
  const memory = (state: 'idle' | 'load') =>
    readMemory(docker, (name) => name === container).then((used) =>
      verification.recordMemory('all-in-one', state, used),
    );
  const everything: string[] = [];

  try {
    const startedAt = performance.now();
    await timed(verification, 'all-in-one: uploads', async () => {
      await shell(start);
      await answering();
      const page = await askPage(`${galleryUrl}/upload`);
      if (!page.includes('<form')) throw new Error('The upload page has no form.');
      await memory('idle');
      await shell(guide.take('sh', 'all-in-one-photos'));
      const [first, ...others] = photos.slice(0, 5);
      everything.push(await upload(galleryUrl, first ?? ''));
      await settleUploads(galleryUrl, everything);
      verification.recordStart('all-in-one', secondsSince(startedAt));
      for (const photo of others) everything.push(await upload(galleryUrl, photo));
      await memory('load');
      return settleUploads(galleryUrl, everything);
    });

    await timed(verification, 'all-in-one: restarted in the middle', async () => {
      const before = everything.length;
      for (const photo of photos.slice(5, 8)) everything.push(await upload(galleryUrl, photo));
      await shell(guide.take('sh', 'all-in-one-restart'));
      await answering();
      const outcome = await settleUploads(galleryUrl, everything);
      if (outcome.published === everything.length) say(`  with the ${before} mosaics of before`);
      return outcome;
    });

    const isReady = ['exec', container, 'node', '/app/main.js', 'health', 'ready'];
    const health = await eventually('all apps in it are ready', () => docker.run(isReady), {
      timeoutSeconds: 60,
    });
    say(`all-in-one: ${health}`);
    await docker.run(['stop', container]);
    const exitCode = await docker.run(['inspect', '--format', '{{.State.ExitCode}}', container]);
    if (exitCode !== '0') throw new Error(`After SIGTERM it ended with ${exitCode}, not 0.`);
    await shell(guide.take('sh', 'all-in-one-down'));
  } catch (error) {
    say(await docker.run(['logs', '--tail', '30', container]).catch(String));
    throw error;
  } finally {
    await docker.succeeds(['rm', '--force', container]);
    await docker.succeeds(['volume', 'rm', 'mosaicme']);
  }
}

/** Sends a photo by the form of the upload page. @returns the id of the mosaic to come. */
async function upload(galleryUrl: string, path: string): Promise<string> {
  const form = new FormData();
  form.set('name', 'Guest');
  form.set('photo', new Blob([await readFile(path)], { type: 'image/jpeg' }), 'photo.jpg');
  const response = await ask(`${galleryUrl}/upload`, {
    method: 'POST',
    body: form,
    headers: { accept: 'application/json' },
  });
  if (response.status !== 202) throw new Error(`The upload is refused: ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

/** Waits for all mosaics. Nobody is answered on a network; the page that the form led to is the answer. */
async function settleUploads(galleryUrl: string, ids: readonly string[]): Promise<Outcome> {
  const missing = new Set(ids);
  const deadline = performance.now() + settleSeconds * 1_000;
  while (missing.size > 0 && performance.now() < deadline) {
    for (const id of missing) if (await isPublished(galleryUrl, id)) missing.delete(id);
    if (missing.size > 0) await new Promise((resolve) => setTimeout(resolve, 300));
  }
  let answered = 0;
  for (const id of ids.filter((one) => !missing.has(one))) {
    const page = await askPage(`${galleryUrl}/mosaic/${id}/`);
    const picture = await ask(`${galleryUrl}/mosaic/${id}/large.jpg`);
    const bytes = await picture.arrayBuffer();
    if (page.includes(id) && picture.ok && bytes.byteLength > 0) answered++;
  }
  return { requests: ids.length, published: ids.length - missing.size, answered };
}
