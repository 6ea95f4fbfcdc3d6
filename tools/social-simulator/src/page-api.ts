import express, { type Response, type Router } from 'express';
import helmet from 'helmet';
import { invalidRequest, notFound } from './problems';
import type { Timeline, TimelinePost, User } from './timeline';
import { readForm } from './uploads';

export interface PageApiOptions {
  readonly timeline: Timeline;
  readonly bot: User;
  /** The hashtag that the page proposes, without the leading #. */
  readonly hashtag: string;
  /** Folder with page.html, page.css and page.js; without it there is no page. */
  readonly pageDir?: string | undefined;
  /** Largest photo in bytes. */
  readonly maxPhotoBytes: number;
}

/** Posts that a page shows when it opens. */
const shownPosts = 60;
/** A page that reads nothing is cut off at so many bytes. */
const maxUnsentBytes = 4 * 1024 * 1024;

/** The page for people, what it calls, and the photos. */
export function pageApi({
  timeline,
  bot,
  hashtag,
  pageDir,
  maxPhotoBytes,
}: PageApiOptions): Router {
  const router = express.Router();
  const readers = new Set<Response>();
  router.use(
    helmet({
      contentSecurityPolicy: {
        directives: { imgSrc: ["'self'", 'blob:', 'data:'], upgradeInsecureRequests: null },
      },
      crossOriginResourcePolicy: { policy: 'cross-origin' },
      strictTransportSecurity: false,
    }),
  );

  const describe = (post: TimelinePost) => ({
    id: post.id,
    handle: post.author.username,
    name: post.author.name,
    bot: post.author.id === bot.id,
    text: post.text,
    createdAt: post.createdAt.toISOString(),
    inReplyTo: post.inReplyTo,
    photos: post.photos.map(({ key, altText }) => ({ url: `/media/${key}`, altText })),
  });
  const send = (reader: Response, event: string, data: unknown) => {
    reader.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (reader.writableLength > maxUnsentBytes) reader.destroy();
  };
  timeline.listen({
    posted: (post) => readers.forEach((reader) => send(reader, 'post', describe(post))),
    removed: (id) => readers.forEach((reader) => send(reader, 'removed', { id })),
  });

  router.get('/media/:key', (request, response) => {
    const photo = timeline.photo(request.params.key);
    if (!photo) throw notFound('the photo');
    response.type(photo.contentType).send(Buffer.from(photo.bytes));
  });

  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/api/world', (_request, response) => {
    response.json({ bot: bot.username, hashtag, maxPhotoBytes });
  });

  router.get('/api/events', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    send(response, 'start', timeline.posts().slice(-shownPosts).map(describe));
    readers.add(response);
    response.on('close', () => readers.delete(response));
  });

  router.post('/api/posts', async (request, response) => {
    const { fields, files } = await readForm(request, maxPhotoBytes);
    const handle = (fields['handle'] ?? '').trim().replace(/^@/, '');
    const text = (fields['text'] ?? '').trim();
    const photos = files.filter(({ name, bytes }) => name === 'photo' && bytes.length > 0);
    if (!/^\w{1,15}$/.test(handle)) {
      throw invalidRequest('A name has 1 to 15 letters, digits or underscores.');
    }
    if (handle.toLowerCase() === bot.username.toLowerCase()) {
      throw invalidRequest('That name belongs to the bot: pick another one.');
    }
    if (text.length > 1000) throw invalidRequest('A text has at most 1000 characters.');
    if (text === '' && photos.length === 0) throw invalidRequest('Write something or add a photo.');
    if (photos.some(({ contentType }) => !contentType.startsWith('image/'))) {
      throw invalidRequest('Only photos can be added.');
    }
    const post = timeline.add({ author: timeline.user(handle), text, photos });
    response.status(201).json(describe(post));
  });

  router.delete('/api/posts/:id', (request, response) => {
    if (!timeline.remove(request.params.id)) throw notFound('the post');
    response.status(204).end();
  });

  router.get('/:handle/status/:id', (request, response) => {
    response.redirect(`/#post-${request.params.id}`);
  });

  if (pageDir !== undefined) {
    const page = { root: pageDir };
    router.get('/', (_request, response) => response.sendFile('page.html', page));
    router.get('/page.css', (_request, response) => response.sendFile('page.css', page));
    router.get('/page.js', (_request, response) => response.sendFile('page.js', page));
  }
  return router;
}
