/** Shares the page by the system's own dialogue, or else copies its address. */
export function enhanceShare(button: HTMLButtonElement): void {
  const address = new URL(location.pathname, location.href).href;
  button.hidden = false;
  button.addEventListener('click', () => {
    const title = button.dataset['title'] ?? document.title;
    if (typeof navigator.share === 'function') {
      // The visitor may close the dialogue, which is no error.
      navigator.share({ title, url: address }).catch(() => undefined);
    } else {
      void copy(button, address);
    }
  });
}

async function copy(button: HTMLButtonElement, address: string): Promise<void> {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(address);
    button.textContent = 'Link copied';
    setTimeout(() => (button.textContent = label), 2_000);
  } catch {
    prompt('The address of this mosaic:', address);
  }
}
