/**
 * HTML by template literals. Whatever is put into a template is escaped, except what `html` itself
 * made. It runs on the server and in the browser, so both render a card in the same way.
 */
export class Html {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup;
  }
}

/** What may stand in a template. Nothing is rendered for undefined, null and false. */
export type Slot = Html | string | number | undefined | null | false | readonly Slot[];

/** Makes HTML of a template; every slot is escaped for text and for quoted attribute values. */
export function html(strings: TemplateStringsArray, ...slots: readonly Slot[]): Html {
  return new Html(
    strings.reduce((markup, part, index) => markup + render(slots[index - 1]) + part),
  );
}

function render(slot: Slot): string {
  if (slot === undefined || slot === null || slot === false) return '';
  if (slot instanceof Html) return slot.toString();
  if (typeof slot === 'string' || typeof slot === 'number') return escape(String(slot));
  return slot.map(render).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The address when it is a web address, undefined otherwise: never `javascript:` in a link. */
export function webLink(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  return /^https?:$/.test(new URL(address).protocol) ? address : undefined;
}
