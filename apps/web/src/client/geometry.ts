/** Zoom and pan as arithmetic. Lengths are CSS pixels unless they are pixels of the picture. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** Where the picture lies in its frame. */
export interface View {
  /** CSS pixels for each pixel of the picture. */
  readonly scale: number;
  /** Position of the picture's left edge in the frame. */
  readonly x: number;
  readonly y: number;
}

/** The frame on the page, the picture in its own pixels, and how close one may come. */
export interface Scene {
  readonly frame: Extent;
  readonly picture: Extent;
  readonly maxScale: number;
}

/** The scale at which the whole picture is seen. */
export const fitScale = ({ frame, picture }: Scene): number =>
  Math.min(frame.width / picture.width, frame.height / picture.height);

/** The whole picture, in the middle of the frame. */
export function fit(scene: Scene): View {
  return clamp(scene, { scale: fitScale(scene), x: 0, y: 0 });
}

/** Zooms by `factor` so that what is under `point` stays there. */
export function zoom(scene: Scene, view: View, factor: number, point: Point): View {
  const scale = limitScale(scene, view.scale * factor);
  const ratio = scale / view.scale;
  return clamp(scene, {
    scale,
    x: point.x - (point.x - view.x) * ratio,
    y: point.y - (point.y - view.y) * ratio,
  });
}

export function pan(scene: Scene, view: View, by: Point): View {
  return clamp(scene, { ...view, x: view.x + by.x, y: view.y + by.y });
}

/** Keeps the scale within its limits and the frame filled: no gap where there is picture to show. */
export function clamp(scene: Scene, view: View): View {
  const scale = limitScale(scene, view.scale);
  return {
    scale,
    x: clampAxis(view.x, scene.frame.width, scene.picture.width * scale),
    y: clampAxis(view.y, scene.frame.height, scene.picture.height * scale),
  };
}

/** The cell of the mosaic under a point of the frame; undefined beside the picture. */
export function cellAt(
  view: View,
  point: Point,
  grid: { readonly columns: number; readonly rows: number; readonly tileSize: number },
): { readonly column: number; readonly row: number } | undefined {
  const side = grid.tileSize * view.scale;
  const column = Math.floor((point.x - view.x) / side);
  const row = Math.floor((point.y - view.y) / side);
  const isInside = column >= 0 && column < grid.columns && row >= 0 && row < grid.rows;
  return isInside ? { column, row } : undefined;
}

function limitScale(scene: Scene, scale: number): number {
  const least = fitScale(scene);
  return Math.min(Math.max(scale, least), Math.max(scene.maxScale, least));
}

function clampAxis(position: number, frame: number, picture: number): number {
  if (picture <= frame) return (frame - picture) / 2;
  return Math.min(0, Math.max(position, frame - picture));
}
