/** The page of the social simulator: a form to post with, and a timeline that fills by itself. */

const byId = (id) => document.getElementById(id);
const composer = byId('composer');
const photoInput = byId('photo');
const preview = byId('preview');
const drop = byId('drop');
const status = byId('status');
const timeline = byId('timeline');
const longestTimeline = 200;
let maxPhotoBytes = Infinity;

/** An element with properties and children; texts are never read as HTML. */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function say(text, bad = false) {
  status.textContent = text;
  status.classList.toggle('bad', bad);
}

/** The text with its links made clickable. */
function linked(text) {
  return text
    .split(/(https?:\/\/[^\s]+[\w/=#-])/)
    .map((part, index) =>
      index % 2 === 1
        ? element('a', { href: part, target: '_blank', rel: 'noreferrer', textContent: part })
        : part,
    );
}

function photoOf({ url, altText }, post) {
  const alt = altText || `Photo by ${post.handle}`;
  const image = element('img', { src: url, alt, loading: 'lazy' });
  return element('a', { href: url, target: '_blank' }, image);
}

function itemOf(post) {
  const item = element('li', { id: `post-${post.id}`, className: post.bot ? 'post bot' : 'post' });
  const when = new Date(post.createdAt);
  const byline = element(
    'div',
    { className: 'byline' },
    element('b', { textContent: `@${post.handle}` }),
    element('time', { dateTime: post.createdAt, textContent: when.toLocaleTimeString() }),
  );
  if (!post.bot) byline.append(deleteButton(post));
  const photos = element('div', { className: 'photos' });
  photos.append(...post.photos.map((photo) => photoOf(photo, post)));
  item.append(byline, element('p', { className: 'text' }, ...linked(post.text)));
  if (post.photos.length > 0) item.append(photos);
  item.append(element('ol'));
  return item;
}

function deleteButton(post) {
  const button = element('button', { type: 'button', className: 'quiet', textContent: 'Delete' });
  button.setAttribute('aria-label', `Delete the post by ${post.handle}`);
  button.addEventListener('click', async () => {
    button.disabled = true;
    const response = await fetch(`/api/posts/${post.id}`, { method: 'DELETE' });
    if (!response.ok) button.disabled = false;
  });
  return button;
}

function show(post) {
  if (byId(`post-${post.id}`)) return;
  const parent = post.inReplyTo && byId(`post-${post.inReplyTo}`);
  if (parent) parent.lastElementChild.append(itemOf(post));
  else timeline.prepend(itemOf(post));
  while (timeline.children.length > longestTimeline) timeline.lastElementChild.remove();
  showEmptiness();
}

function showEmptiness() {
  byId('empty').hidden = timeline.children.length > 0;
}

function listen() {
  const events = new EventSource('/api/events');
  const connection = byId('connection');
  events.addEventListener('start', ({ data }) => {
    timeline.replaceChildren();
    JSON.parse(data).forEach(show);
    showEmptiness();
    connection.textContent = 'Live';
  });
  events.addEventListener('post', ({ data }) => show(JSON.parse(data)));
  events.addEventListener('removed', ({ data }) => {
    byId(`post-${JSON.parse(data).id}`)?.remove();
    showEmptiness();
  });
  events.addEventListener('error', () => (connection.textContent = 'Reconnecting…'));
}

function showPhoto() {
  URL.revokeObjectURL(preview.src);
  const [file] = photoInput.files;
  preview.hidden = !file;
  if (!file) return;
  preview.src = URL.createObjectURL(file);
  if (file.size <= maxPhotoBytes) return say('');
  say(`The photo has more than ${Math.floor(maxPhotoBytes / 1e6)} MB: choose a smaller one.`, true);
}

composer.addEventListener('submit', async (event) => {
  event.preventDefault();
  const send = byId('send');
  send.disabled = true;
  say('Posting…');
  try {
    const response = await fetch('/api/posts', { method: 'POST', body: new FormData(composer) });
    const body = await response.json();
    if (!response.ok) throw new Error(body.detail ?? 'The post was refused.');
    localStorage.setItem('handle', byId('handle').value);
    photoInput.value = '';
    showPhoto();
    show(body);
    say('Posted.');
  } catch (error) {
    say(error.message, true);
  } finally {
    send.disabled = false;
  }
});

photoInput.addEventListener('change', showPhoto);
for (const type of ['dragenter', 'dragover']) {
  drop.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
}
for (const type of ['dragleave', 'drop']) {
  drop.addEventListener(type, () => drop.classList.remove('over'));
}
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length === 0) return;
  photoInput.files = event.dataTransfer.files;
  showPhoto();
});

const world = await (await fetch('/api/world')).json();
maxPhotoBytes = world.maxPhotoBytes;
byId('bot').textContent = `@${world.bot}`;
byId('handle').value = localStorage.getItem('handle') ?? '';
byId('text').value = `@${world.bot} #${world.hashtag}`;
listen();
