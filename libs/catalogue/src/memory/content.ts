import type { Answer, PublishedMosaic } from '@mosaicme/contracts';
import type { CatalogueEntry, CataloguePage } from '../port';
import { newestFirst, positionOf, toCursor, type Position } from '../position';

interface Listed extends Position {
  readonly campaign: string;
}

/** Mosaics and answers, each by id: an answer may be here before its mosaic. */
export class Content {
  readonly #mosaics = new Map<string, PublishedMosaic>();
  readonly #answers = new Map<string, Answer>();
  /** When the last word about a mosaic was said, in ms; also of those that were removed. */
  readonly #said = new Map<string, number>();
  /** Sorted when somebody lists, and until something changes. */
  #order: Listed[] | undefined;

  setMosaic(mosaic: PublishedMosaic, saidAt: number): void {
    if (!this.#isLatest(mosaic.id, saidAt)) return;
    this.#mosaics.set(mosaic.id, mosaic);
    this.#order = undefined;
  }

  setAnswer(id: string, answer: Answer): void {
    if (!this.#isRemoved(id)) this.#answers.set(id, answer);
  }

  remove(id: string, saidAt: number): void {
    if (!this.#isLatest(id, saidAt)) return;
    this.#mosaics.delete(id);
    this.#answers.delete(id);
    this.#order = undefined;
  }

  /** Takes what a rebuild found, unless something was said about it meanwhile. */
  fill({ mosaic, answer }: CatalogueEntry, saidAt: number): void {
    if (this.#isRemoved(mosaic.id)) return;
    if (!this.#said.has(mosaic.id)) this.setMosaic(mosaic, saidAt);
    if (answer && !this.#answers.has(mosaic.id)) this.#answers.set(mosaic.id, answer);
  }

  entry(id: string): CatalogueEntry | undefined {
    const mosaic = this.#mosaics.get(id);
    const answer = this.#answers.get(id);
    return mosaic && { mosaic, ...(answer && { answer }) };
  }

  count(campaigns: readonly string[] | undefined): number {
    return this.#of(campaigns).length;
  }

  page(
    limit: number,
    after: Position | undefined,
    campaigns: readonly string[] | undefined,
  ): CataloguePage {
    const order = this.#of(campaigns);
    const found = after ? order.findIndex((position) => newestFirst(after, position) < 0) : 0;
    const start = found === -1 ? order.length : found;
    const positions = order.slice(start, start + limit);
    const entries = positions.flatMap(({ id }) => this.entry(id) ?? []);
    const last = positions.at(-1);
    return { entries, ...(last && start + limit < order.length && { next: toCursor(last) }) };
  }

  #of(campaigns: readonly string[] | undefined): readonly Listed[] {
    this.#order ??= [...this.#mosaics.values()]
      .map((mosaic) => ({ ...positionOf(mosaic), campaign: mosaic.campaign }))
      .sort(newestFirst);
    return campaigns
      ? this.#order.filter(({ campaign }) => campaigns.includes(campaign))
      : this.#order;
  }

  #isLatest(id: string, saidAt: number): boolean {
    if ((this.#said.get(id) ?? -Infinity) > saidAt) return false;
    this.#said.set(id, saidAt);
    return true;
  }

  #isRemoved(id: string): boolean {
    return this.#said.has(id) && !this.#mosaics.has(id);
  }
}
