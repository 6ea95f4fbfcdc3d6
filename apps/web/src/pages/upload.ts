import { photoFormatNames, photoFormats } from '@mosaicme/imaging/formats';
import { formatBytes } from '../html/format';
import { html, type Html } from '../html/html';
import { page, type Site } from './layout';

export const maxNameLength = 80;
export const maxTextLength = 500;

/**
 * What the file dialogue offers: the formats that sync-downloader decodes. The endings are for systems
 * that do not know the type of a HEIC file.
 */
const acceptedTypes = photoFormats
  .flatMap(({ contentType, endings }) => [contentType, ...endings])
  .join(',');

/** The form by which a visitor without an account takes part. It works without JavaScript. */
export function uploadPage(site: Site, path: string): Html {
  return page(site, {
    title: 'Add a photo',
    description: 'Send a photo and get it back as a mosaic of thousands of small photos.',
    path,
    current: 'upload',
    main: html`<section class="form">
      <h1>Add a photo</h1>
      <p>It becomes a mosaic and appears in the gallery, where everyone can see it.</p>
      <section class="mine" data-mine hidden></section>
      <form method="post" action="${path}" enctype="multipart/form-data" data-upload>
        <div class="drop" data-drop>
          <label for="photo">
            <strong>Photo</strong>
            <span>${photoFormatNames}, up to ${formatBytes(site.uploadMaxBytes)}</span>
          </label>
          <input
            id="photo"
            name="photo"
            type="file"
            accept="${acceptedTypes}"
            required
            data-max-bytes="${site.uploadMaxBytes}"
          />
          <img class="preview" data-preview alt="Your photo" hidden />
        </div>
        <div class="field">
          <label for="name">Your name <span>(shown with the mosaic, optional)</span></label>
          <input id="name" name="name" maxlength="${maxNameLength}" autocomplete="nickname" />
        </div>
        <div class="field">
          <label for="text">A few words <span>(optional)</span></label>
          <textarea id="text" name="text" rows="2" maxlength="${maxTextLength}"></textarea>
        </div>
        <p class="problem" role="alert" data-problem hidden></p>
        <progress max="1" value="0" aria-label="Upload" data-progress hidden></progress>
        <p class="actions"><button class="button" type="submit">Make my mosaic</button></p>
      </form>
    </section>`,
  });
}
