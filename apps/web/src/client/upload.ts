import { formatBytes } from '../html/format';
import { find, problemText } from './dom';
import { remember } from './mine';

/** Adds a preview, dropping, the check of the size before sending, and progress to the upload form. */
export function enhanceUpload(form: HTMLFormElement): void {
  const input = find(form, 'input[type=file]', HTMLInputElement);
  const drop = find(form, '[data-drop]', HTMLElement);
  const preview = find(form, '[data-preview]', HTMLImageElement);
  const problem = find(form, '[data-problem]', HTMLElement);
  const progress = find(form, '[data-progress]', HTMLProgressElement);
  const submit = find(form, '[type=submit]', HTMLButtonElement);
  if (!input || !drop || !preview || !problem || !progress || !submit) return;

  const complain = (text: string | undefined): void => {
    problem.textContent = text ?? '';
    problem.hidden = text === undefined;
  };
  const work = (isAtWork: boolean): void => {
    submit.disabled = isAtWork;
    progress.hidden = !isAtWork;
    progress.value = 0;
  };
  const maxBytes = Number(input.dataset['maxBytes']);
  const faultOf = (file: File): string | undefined =>
    file.size > maxBytes
      ? `This photo has ${formatBytes(file.size)}; the limit is ${formatBytes(maxBytes)}.`
      : undefined;

  const showChoice = (): void => {
    const file = input.files?.[0];
    URL.revokeObjectURL(preview.src);
    preview.hidden = true;
    complain(file && faultOf(file));
    if (file) preview.src = URL.createObjectURL(file);
  };
  // A format that this browser cannot show has no preview, but can be sent.
  preview.addEventListener('load', () => (preview.hidden = false));
  input.addEventListener('change', showChoice);

  drop.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    showChoice();
  });

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const file = input.files?.[0];
    const fault = file && faultOf(file);
    complain(fault);
    if (fault !== undefined) return;
    work(true);
    send(form, (share) => (progress.value = share)).then(
      (address) => {
        const id = /[0-9a-f]{32}/.exec(address)?.[0];
        const go = (): void => location.assign(address);
        if (id === undefined) go();
        else remember(id, file).then(go, go);
      },
      (error: unknown) => {
        work(false);
        complain(error instanceof Error ? error.message : String(error));
      },
    );
  });
}

/**
 * Sends the form. `fetch` does not tell the progress of an upload, so this is an XMLHttpRequest.
 *
 * @returns the path of the request's page.
 */
function send(form: HTMLFormElement, onProgress: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'json';
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      if (total > 0) onProgress(loaded / total);
    });
    request.addEventListener('load', () => {
      const path = request.getResponseHeader('Location');
      if (request.status === 202 && path !== null) resolve(path);
      else reject(new Error(problemText(request.response)));
    });
    request.addEventListener('error', () =>
      reject(new Error('The connection broke. Please send the photo again.')),
    );
    request.send(new FormData(form));
  });
}
