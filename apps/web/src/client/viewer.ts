import { html, type Html } from '../html/html';
import { elementsOf, find, prefersLessMotion } from './dom';
import {
  cellAt,
  clamp,
  fit,
  fitScale,
  pan,
  zoom,
  type Point,
  type Scene,
  type View,
} from './geometry';
import { createTileCredits } from './tile-credit';

const buttonFactor = 2;
const doubleTapFactor = 3;
const arrowStep = 80;
const tapMs = 300;
const tapDistance = 8;
/** A tile must be this large on the screen before a tap can mean it. */
const minTileOnScreen = 14;
/** So large does a tile get at the closest, unless its own pixels are more. */
const maxTileOnScreen = 192;

/** Lets the visitor zoom and pan a mosaic, and tells whose photo stands where they tap. */
export function enhanceViewer(frame: HTMLElement): void {
  const stage = find(frame, '[data-stage]', HTMLElement);
  const controls = find(frame, '[data-controls]', HTMLElement);
  const hint = find(frame, '[data-hint]', HTMLElement);
  const creditBox = find(frame, '[data-tile-credit]', HTMLElement);
  if (!stage || !controls || !hint || !creditBox) return;

  const number = (name: string): number => Number(frame.dataset[name]);
  const grid = { columns: number('columns'), rows: number('rows'), tileSize: number('tileSize') };
  const picture = { width: number('width'), height: number('height') };
  const credits = createTileCredits(frame.dataset['recipe'] ?? '');
  const mark = document.createElement('div');
  mark.className = 'mark';
  mark.hidden = true;
  stage.append(mark);
  stage.style.width = `${picture.width}px`;
  stage.style.height = `${picture.height}px`;
  frame.style.aspectRatio = `${picture.width} / ${picture.height}`;
  frame.classList.add('on');
  frame.tabIndex = 0;
  frame.setAttribute('role', 'group');
  frame.setAttribute(
    'aria-label',
    'Mosaic. Plus and minus zoom, the arrow keys move, 0 shows the whole picture, Enter tells whose photo is in the middle.',
  );
  controls.hidden = false;
  hint.hidden = false;

  const scene = (): Scene => ({
    frame: { width: frame.clientWidth, height: frame.clientHeight },
    picture,
    maxScale: Math.max(2, maxTileOnScreen / grid.tileSize),
  });
  const middle = (): Point => ({ x: frame.clientWidth / 2, y: frame.clientHeight / 2 });
  let view = fit(scene());

  const show = (next: View, { isSmooth = false } = {}): void => {
    view = next;
    stage.classList.toggle('smooth', isSmooth && !prefersLessMotion());
    stage.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    mark.style.outlineWidth = `${3 / view.scale}px`;
    frame.classList.toggle('zoomed', view.scale > fitScale(scene()) * 1.001);
    frame.classList.toggle('close', grid.tileSize * view.scale >= minTileOnScreen);
  };
  const zoomBy = (factor: number, point: Point): void =>
    show(zoom(scene(), view, factor, point), { isSmooth: true });

  const hideCredit = (): void => {
    creditBox.hidden = true;
    mark.hidden = true;
  };
  const showCredit = async (point: Point): Promise<void> => {
    const unit = cellAt(view, point, grid);
    if (!unit) {
      hideCredit();
      return;
    }
    let line: Html;
    try {
      const cell = await credits.cellOf(unit.column, unit.row);
      const side = grid.tileSize * cell.span;
      if (side * view.scale < minTileOnScreen) {
        hideCredit();
        return;
      }
      Object.assign(mark.style, {
        left: `${cell.left * grid.tileSize}px`,
        top: `${cell.top * grid.tileSize}px`,
        width: `${side}px`,
        height: `${side}px`,
      });
      mark.hidden = false;
      line = await credits.creditOf(cell);
    } catch (error) {
      mark.hidden = false;
      line = html`<p>${error instanceof Error ? error.message : String(error)}</p>`;
    }
    if (mark.hidden) return;
    creditBox.replaceChildren(
      ...elementsOf(html`${line}<button type="button" aria-label="Close">×</button>`),
    );
    creditBox.querySelector('button')?.addEventListener('click', hideCredit);
    creditBox.hidden = false;
    hint.hidden = true;
  };

  const pointOf = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = frame.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  controls.addEventListener('click', ({ target }) => {
    const action = target instanceof HTMLElement ? target.dataset['zoom'] : undefined;
    if (action === 'in') zoomBy(buttonFactor, middle());
    if (action === 'out') zoomBy(1 / buttonFactor, middle());
    if (action === 'fit') show(fit(scene()), { isSmooth: true });
  });

  frame.addEventListener(
    'wheel',
    (event) => {
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015));
      const next = zoom(scene(), view, factor, pointOf(event));
      // At the end of the zoom the page scrolls on.
      if (next.scale === view.scale) return;
      event.preventDefault();
      show(next);
    },
    { passive: false },
  );

  frame.addEventListener('keydown', (event) => {
    if (event.target !== frame || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Readonly<Record<string, () => void>> = {
      '+': () => zoomBy(buttonFactor, middle()),
      '=': () => zoomBy(buttonFactor, middle()),
      '-': () => zoomBy(1 / buttonFactor, middle()),
      '0': () => show(fit(scene()), { isSmooth: true }),
      ArrowLeft: () => show(pan(scene(), view, { x: arrowStep, y: 0 })),
      ArrowRight: () => show(pan(scene(), view, { x: -arrowStep, y: 0 })),
      ArrowUp: () => show(pan(scene(), view, { x: 0, y: arrowStep })),
      ArrowDown: () => show(pan(scene(), view, { x: 0, y: -arrowStep })),
      Enter: () => void showCredit(middle()),
      Escape: hideCredit,
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  trackPointers(frame, {
    pointOf,
    onMove: (by) => show(pan(scene(), view, by)),
    onPinch: (factor, point, by) => show(pan(scene(), zoom(scene(), view, factor, point), by)),
    onTap: (point) => void showCredit(point),
    onDoubleTap: (point) => {
      hideCredit();
      const isClosest = view.scale >= scene().maxScale * 0.999;
      if (isClosest) show(fit(scene()), { isSmooth: true });
      else zoomBy(doubleTapFactor, point);
    },
  });

  new ResizeObserver(() => {
    const isWhole = !frame.classList.contains('zoomed');
    show(isWhole ? fit(scene()) : clamp(scene(), view));
  }).observe(frame);
  show(view);
}

interface Gestures {
  pointOf(event: PointerEvent): Point;
  onMove(by: Point): void;
  /** Two fingers: how much farther apart, around which point, and how far that point moved. */
  onPinch(factor: number, point: Point, by: Point): void;
  onTap(point: Point): void;
  onDoubleTap(point: Point): void;
}

/** Tells gestures from the movements of one or two pointers. */
function trackPointers(frame: HTMLElement, gestures: Gestures): void {
  const pointers = new Map<number, Point>();
  let press: { readonly at: number; readonly point: Point; isTap: boolean } | undefined;
  let lastTap: { readonly at: number; readonly point: Point } | undefined;

  frame.addEventListener('pointerdown', (event) => {
    const isControl = event.target instanceof Element && event.target.closest('button, a');
    if (isControl || event.button !== 0) return;
    const point = gestures.pointOf(event);
    pointers.set(event.pointerId, point);
    press = { at: event.timeStamp, point, isTap: pointers.size === 1 };
    frame.setPointerCapture(event.pointerId);
  });

  frame.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const point = gestures.pointOf(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, point);
    if (press && distance(press.point, point) > tapDistance) press.isTap = false;
    if (!other) {
      if (!press?.isTap) gestures.onMove(minus(point, before));
      return;
    }
    const apart = distance(before, other);
    const factor = apart > 0 ? distance(point, other) / apart : 1;
    const centre = between(before, other);
    gestures.onPinch(factor, centre, minus(between(point, other), centre));
  });

  const release = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId) || !press?.isTap || event.type !== 'pointerup') return;
    if (event.timeStamp - press.at > tapMs) return;
    const point = gestures.pointOf(event);
    const isDouble =
      lastTap !== undefined &&
      event.timeStamp - lastTap.at < tapMs &&
      distance(lastTap.point, point) < 4 * tapDistance;
    lastTap = isDouble ? undefined : { at: event.timeStamp, point };
    if (isDouble) gestures.onDoubleTap(point);
    else gestures.onTap(point);
  };
  frame.addEventListener('pointerup', release);
  frame.addEventListener('pointercancel', release);
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
const minus = (a: Point, b: Point): Point => ({ x: a.x - b.x, y: a.y - b.y });
const between = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
