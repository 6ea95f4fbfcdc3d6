import type { Answer, PublishedMosaic } from '@mosaicme/contracts';
import type { CatalogueEntry, CataloguePage } from '../port';
import { newestFirst, positionOf, toCursor, type Position } from '../position';

/** Mosaics and answers, each by id: an answer may be here before its mosaic. */
export class Content {
  readonly #mosaics = new Map<string, PublishedMosaic>();
  readonly #answers = new Map<string, Answer>();
  /** What was removed while a rebuild fills this content. */
  #removed: Set<string> | undefined;
  /** Sorted when somebody lists, and until something changes. */
  #order: Position[] | undefined;

  /** @param isFilling A rebuild will fill it, and then `finish` it. */
  constructor(isFilling = false) {
    if (isFilling) this.#removed = new Set();
  }

  finish(): void {
    this.#removed = undefined;
  }

  get size(): number {
    return this.#mosaics.size;
  }

  setMosaic(mosaic: PublishedMosaic): void {
    this.#mosaics.set(mosaic.id, mosaic);
    this.#removed?.delete(mosaic.id);
    this.#order = undefined;
  }

  setAnswer(id: string, answer: Answer): void {
    this.#answers.set(id, answer);
    this.#removed?.delete(id);
  }

  remove(id: string): void {
    this.#mosaics.delete(id);
    this.#answers.delete(id);
    this.#removed?.add(id);
    this.#order = undefined;
  }

  /** Was it removed while a rebuild fills this content? */
  isRemoved(id: string): boolean {
    return this.#removed?.has(id) ?? false;
  }

  /** Takes what a rebuild found, unless something newer was said about it meanwhile. */
  fill({ mosaic, answer }: CatalogueEntry): void {
    if (this.isRemoved(mosaic.id)) return;
    if (!this.#mosaics.has(mosaic.id)) this.setMosaic(mosaic);
    if (answer && !this.#answers.has(mosaic.id)) this.#answers.set(mosaic.id, answer);
  }

  entry(id: string): CatalogueEntry | undefined {
    const mosaic = this.#mosaics.get(id);
    const answer = this.#answers.get(id);
    return mosaic && { mosaic, ...(answer && { answer }) };
  }

  page(limit: number, after: Position | undefined): CataloguePage {
    this.#order ??= [...this.#mosaics.values()].map(positionOf).sort(newestFirst);
    const order = this.#order;
    const found = after ? order.findIndex((position) => newestFirst(after, position) < 0) : 0;
    const start = found === -1 ? order.length : found;
    const positions = order.slice(start, start + limit);
    const entries = positions.flatMap(({ id }) => this.entry(id) ?? []);
    const last = positions.at(-1);
    return { entries, ...(last && start + limit < order.length && { next: toCursor(last) }) };
  }
}
