import { find, localiseTimes } from './dom';
import { enhanceGallery } from './gallery';
import { enhanceMine } from './mine';
import { retryPictures } from './retry-pictures';
import { enhanceShare } from './share';
import { enhanceStatus } from './status';
import { enhanceUpload } from './upload';
import { enhanceWaiting } from './waiting';

/** Everything works without this script; it makes the pages livelier. */
function enhance(): void {
  localiseTimes(document);
  const gallery = find(document, '[data-gallery]', HTMLElement);
  if (gallery) enhanceGallery(gallery);
  const viewer = find(document, '[data-viewer]', HTMLElement);
  // A file of its own, because only the page of a mosaic needs it.
  if (viewer) void import('./deep-zoom').then(({ enhanceViewer }) => enhanceViewer(viewer));
  const share = find(document, '[data-share]', HTMLButtonElement);
  if (share) enhanceShare(share);
  const form = find(document, '[data-upload]', HTMLFormElement);
  if (form) enhanceUpload(form);
  const status = find(document, '[data-status]', HTMLElement);
  if (status) enhanceStatus(status);
  const mine = find(document, '[data-mine]', HTMLElement);
  if (mine) void enhanceMine(mine);
  const waiting = find(document, '[data-waiting]', HTMLElement);
  const id = waiting?.dataset['waiting'];
  if (waiting && id !== undefined) enhanceWaiting(waiting, id, enhance);
}

// Links of the original MosaicMe had the form /#/mosaic/<id>; the server never sees what is behind #.
const originalLink = /^#\/mosaic\/([0-9a-f]{32})\/?$/.exec(location.hash);
if (originalLink) location.replace(`/mosaic/${originalLink[1]}/`);
else {
  retryPictures();
  enhance();
}
