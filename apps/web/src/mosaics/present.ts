import type { CatalogueEntry } from '@mosaicme/catalogue';
import type { Answer, Grid, Photo, Size } from '@mosaicme/contracts';
import { webLink } from '../html/html';
import type { Credit } from '../ports';

/** A mosaic as the JSON API and the live events tell it. Addresses are absolute. */
export interface ApiMosaic {
  readonly id: string;
  readonly url: string;
  readonly pictureUrl: string;
  readonly thumbnailUrl: string;
  readonly recipeUrl: string;
  readonly size: Size;
  readonly grid: Grid;
  readonly distinctTiles: number;
  readonly credit: Credit;
  readonly answer?: ApiAnswer;
  readonly requestedAt: string;
  readonly publishedAt: string;
}

export interface ApiAnswer {
  readonly status: Answer['status'];
  /** The answer on the network. */
  readonly link?: string;
  /** Why there is no answer. */
  readonly reason?: string;
}

/** A mosaic in the form of the original MosaicMe, for its clients. */
export interface OriginalMosaic {
  readonly id: string;
  readonly url_small: string;
  readonly url_large: string;
  readonly username: string;
  readonly date: string;
}

export const mosaicPath = (id: string): string => `/mosaic/${id}/`;
export const picturePath = (id: string): string => `/mosaic/${id}/large.jpg`;
export const thumbnailPath = (id: string): string => `/mosaic/${id}/small.jpg`;
export const recipePath = (id: string): string => `/mosaic/${id}/recipe`;

/** Whom a photo belongs to; a link that is no web address is left out. */
export function creditOf({ network, author, link }: Photo): Credit {
  const safeLink = webLink(link);
  return {
    network,
    handle: author.handle,
    ...(author.name === undefined ? {} : { name: author.name }),
    ...(safeLink === undefined ? {} : { link: safeLink }),
  };
}

export function answerOf(answer: Answer): ApiAnswer {
  if (answer.status !== 'answered') return { status: answer.status, reason: answer.reason };
  const link = webLink(answer.link);
  return { status: answer.status, ...(link === undefined ? {} : { link }) };
}

/** @param publicUrl Origin of the gallery, without trailing slash. */
export function toApiMosaic({ mosaic, answer }: CatalogueEntry, publicUrl: string): ApiMosaic {
  return {
    id: mosaic.id,
    url: publicUrl + mosaicPath(mosaic.id),
    pictureUrl: publicUrl + picturePath(mosaic.id),
    thumbnailUrl: publicUrl + thumbnailPath(mosaic.id),
    recipeUrl: publicUrl + recipePath(mosaic.id),
    size: mosaic.size,
    grid: mosaic.grid,
    distinctTiles: mosaic.distinctTiles,
    credit: creditOf(mosaic.photo),
    ...(answer === undefined ? {} : { answer: answerOf(answer) }),
    requestedAt: mosaic.requestedAt,
    publishedAt: mosaic.publishedAt,
  };
}

/** @param publicUrl Origin of the gallery, without trailing slash. */
export function toOriginalMosaic({ mosaic }: CatalogueEntry, publicUrl: string): OriginalMosaic {
  return {
    id: mosaic.id,
    url_small: publicUrl + thumbnailPath(mosaic.id),
    url_large: publicUrl + picturePath(mosaic.id),
    username: mosaic.photo.author.handle,
    date: mosaic.publishedAt,
  };
}
