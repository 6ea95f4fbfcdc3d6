import type { CatalogueEntry } from '@mosaicme/catalogue';
import type { Answer, DrawingName, Grid, Photo, Size } from '@mosaicme/contracts';
import { webLink } from '../html/html';
import type { Credit } from '../ports';

/** A mosaic as the JSON API and the live events tell it. Addresses are absolute. */
export interface ApiMosaic {
  readonly id: string;
  readonly campaign: string;
  readonly revision: string;
  readonly url: string;
  readonly pictureUrl: string;
  readonly thumbnailUrl: string;
  readonly recipeUrl: string;
  /** The image service for IIIF viewers: its description is `info.json` below it. */
  readonly iiifUrl: string;
  readonly size: Size;
  readonly grid: Grid;
  readonly distinctTiles: number;
  readonly credit: Credit;
  /** What a guest wrote on the upload page. */
  readonly text?: string;
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
/** Addresses of a drawing hold its revision, so what lies there never changes. */
const drawingPath = ({ campaign, id, revision }: DrawingName): string =>
  `/pictures/${campaign}/${id}/${revision}`;
export const picturePath = (drawing: DrawingName): string => `${drawingPath(drawing)}/large.jpg`;
export const thumbnailPath = (drawing: DrawingName): string => `${drawingPath(drawing)}/small.jpg`;
/** Where the deep-zoom tiles lie: `<level>/<column>_<row>.jpg`, as Deep Zoom Images have them. */
export const deepZoomPath = (drawing: DrawingName): string =>
  `${drawingPath(drawing)}/deepzoom_files`;
/** The IIIF image service. */
export const iiifPath = (drawing: DrawingName): string => `${drawingPath(drawing)}/iiif`;
export const recipePath = (drawing: DrawingName): string => `${drawingPath(drawing)}/recipe`;

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

/** The text of an upload is meant to be shown; that of a post belongs to its network. */
const textOf = ({ network, text }: Photo): { readonly text?: string } =>
  network === 'web' && text !== undefined && text !== '' ? { text } : {};

export function answerOf(answer: Answer): ApiAnswer {
  if (answer.status !== 'answered') return { status: answer.status, reason: answer.reason };
  const link = webLink(answer.link);
  return { status: answer.status, ...(link === undefined ? {} : { link }) };
}

/** @param publicUrl Origin of the gallery, without trailing slash. */
export function toApiMosaic({ mosaic, answer }: CatalogueEntry, publicUrl: string): ApiMosaic {
  return {
    id: mosaic.id,
    campaign: mosaic.campaign,
    revision: mosaic.revision,
    url: publicUrl + mosaicPath(mosaic.id),
    pictureUrl: publicUrl + picturePath(mosaic),
    thumbnailUrl: publicUrl + thumbnailPath(mosaic),
    recipeUrl: publicUrl + recipePath(mosaic),
    iiifUrl: publicUrl + iiifPath(mosaic),
    size: mosaic.size,
    grid: mosaic.grid,
    distinctTiles: mosaic.distinctTiles,
    credit: creditOf(mosaic.photo),
    ...textOf(mosaic.photo),
    ...(answer === undefined ? {} : { answer: answerOf(answer) }),
    requestedAt: mosaic.requestedAt,
    publishedAt: mosaic.publishedAt,
  };
}

/** @param publicUrl Origin of the gallery, without trailing slash. */
export function toOriginalMosaic({ mosaic }: CatalogueEntry, publicUrl: string): OriginalMosaic {
  return {
    id: mosaic.id,
    url_small: publicUrl + thumbnailPath(mosaic),
    url_large: publicUrl + picturePath(mosaic),
    username: mosaic.photo.author.handle,
    date: mosaic.publishedAt,
  };
}
