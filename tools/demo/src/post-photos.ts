import { messageOf } from '@mosaicme/errors';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { handleOf, readDemoPhotos, type DemoPhoto } from './photos';

/** Where the demo's photos are posted. */
interface Place {
  /** Address of the social simulator. */
  readonly simulatorUrl: string;
  /** Address of the gallery; when it has mosaics already, nothing is posted. */
  readonly galleryUrl: string | undefined;
  readonly bot: string;
  readonly rawHashtag: string;
  readonly requestHashtag: string;
}

/** Posts the library's photos, then the requests, each in the name of its photographer. */
async function postDemoPhotos(photosFolder: string, place: Place): Promise<void> {
  if (place.galleryUrl !== undefined && (await countMosaics(place.galleryUrl)) > 0) {
    console.log('The gallery has mosaics already; nothing is posted.');
    return;
  }
  const library = await readDemoPhotos(photosFolder, 'library');
  for (const photo of library) {
    await post(place, photo, `A photo by ${photo.author} #${place.rawHashtag}`);
  }
  console.log(`${library.length} photos posted with #${place.rawHashtag}`);
  const requests = await readDemoPhotos(photosFolder, 'requests');
  for (const photo of requests) {
    const subject = photo.name.replaceAll('-', ' ');
    const text = `@${place.bot} please make this ${subject} a mosaic #${place.requestHashtag}`;
    await post(place, photo, text);
  }
  console.log(`${requests.length} photos posted with @${place.bot} #${place.requestHashtag}`);
}

async function countMosaics(galleryUrl: string): Promise<number> {
  const response = await fetch(`${galleryUrl}/api/mosaics`);
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
  return ((await response.json()) as { count: number }).count;
}

async function post({ simulatorUrl }: Place, { path, author }: DemoPhoto, text: string) {
  const form = new FormData();
  form.set('handle', handleOf(author));
  form.set('text', text);
  form.set('photo', new Blob([await readFile(path)], { type: 'image/jpeg' }), 'photo.jpg');
  const response = await fetch(`${simulatorUrl}/api/posts`, { method: 'POST', body: form });
  if (!response.ok) throw new Error(`${response.url} answers ${await response.text()}`);
}

const env = process.env;
try {
  await postDemoPhotos(join(dirname(process.argv[1] ?? '.'), 'photos'), {
    simulatorUrl: env['SIMULATOR_URL'] || 'http://127.0.0.1:8081',
    galleryUrl: env['GALLERY_URL'] || undefined,
    bot: env['TWITTER_USERNAME'] || 'mosaicme',
    rawHashtag: env['MOSAIC_RAW_HASHTAG'] || 'Cloud',
    requestHashtag: env['MOSAIC_LISTEN_HASHTAG'] || 'mosaicme',
  });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
