import OpenSeadragon from 'openseadragon';
import { html, type Html } from '../html/html';
import { announce, elementsOf, find, prefersLessMotion } from './dom';
import { createTileCredits, type TileCell } from './tile-credit';
import { addressOf, readAddress } from './view-address';

/** Pixels a unit at the deepest level, as the server draws it. */
const deepestUnit = 512;
const tileSide = 512;
/** Levels below this one are smaller than any screen: the thumbnail stands there already. */
const leastLevel = 7;
const buttonFactor = 2;
/** A photo must be this large on the screen before a tap can mean it. */
const minPhotoOnScreen = 14;
const retries = 4;
const retryMs = 2_000;
const hintMs = 1_800;

/** Zoom into a mosaic down to every photo, and see whose it is. */
export function enhanceViewer(frame: HTMLElement): void {
  const stage = find(frame, '[data-stage]', HTMLElement);
  const controls = find(frame, '[data-controls]', HTMLElement);
  const hint = find(frame, '[data-hint]', HTMLElement);
  const trouble = find(frame, '[data-trouble]', HTMLElement);
  const card = find(frame, '[data-tile-credit]', HTMLElement);
  if (!stage || !controls || !hint || !trouble || !card) return;

  const number = (name: string): number => Number(frame.dataset[name]);
  const columns = number('columns');
  const rows = number('rows');
  const tiles = frame.dataset['tiles'] ?? '';
  const credits = createTileCredits(frame.dataset['recipe'] ?? '');
  const size = { width: columns * deepestUnit, height: rows * deepestUnit };
  const deepestLevel = Math.ceil(Math.log2(Math.max(size.width, size.height)));

  frame.classList.add('on');
  frame.setAttribute('aria-busy', 'true');
  stage.setAttribute('role', 'group');
  stage.setAttribute(
    'aria-label',
    'Mosaic. The arrow keys move, plus and minus zoom, 0 shows the whole picture, Enter tells whose photo is in the middle, F fills the screen.',
  );
  controls.hidden = false;

  keepStylesOut();
  const viewer = OpenSeadragon({
    element: stage,
    drawer: ['canvas'],
    showNavigationControl: false,
    showNavigator: frame.clientWidth >= 700,
    navigatorPosition: 'BOTTOM_RIGHT',
    navigatorAutoFade: true,
    cooperativeGestures: true,
    visibilityRatio: 1,
    constrainDuringPan: true,
    homeFillsViewer: false,
    minZoomImageRatio: 1,
    maxZoomPixelRatio: 1,
    zoomPerClick: 1,
    gestureSettingsMouse: {
      ...{ clickToZoom: false, dblClickToZoom: true, dragToPan: true },
      ...{ scrollToZoom: true, pinchToZoom: false, zoomToRefPoint: true, flickEnabled: true },
    },
    gestureSettingsTouch: {
      ...{ clickToZoom: false, dblClickToZoom: true, dragToPan: true },
      ...{ scrollToZoom: false, pinchToZoom: true, zoomToRefPoint: true, flickEnabled: true },
    },
    animationTime: prefersLessMotion() ? 0 : 0.6,
    immediateRender: true,
    imageLoaderLimit: 6,
    tileRetryMax: retries,
    tileRetryDelay: retryMs,
    tileSources: {
      ...size,
      tileSize: tileSide,
      tileOverlap: 0,
      minLevel: Math.min(leastLevel, deepestLevel),
      maxLevel: deepestLevel,
      getTileUrl: (level: number, x: number, y: number) => `${tiles}/${level}/${x}_${y}.jpg`,
    } as unknown as OpenSeadragon.TileSource,
  } as OpenSeadragon.Options);
  const { viewport } = viewer;

  const zoomBy = (factor: number): void => {
    viewport.zoomBy(factor);
    viewport.applyConstraints();
  };
  const goHome = (): void => void viewport.goHome(prefersLessMotion());
  const toggleFullScreen = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void frame.requestFullscreen().catch(() => undefined);
  };
  /** Whether the whole picture is seen. */
  const isWhole = (): boolean => viewport.getZoom(false) <= viewport.getHomeZoom() * 1.001;

  const mark = document.createElement('div');
  mark.className = 'mark';
  /** Counts what was asked for, so that a late answer to an earlier question is dropped. */
  let question = 0;

  const hideCard = (): void => {
    question++;
    card.hidden = true;
    viewer.removeOverlay(mark);
    if (card.contains(document.activeElement)) viewer.canvas.focus({ preventScroll: true });
  };

  const showCard = async (point: OpenSeadragon.Point): Promise<void> => {
    hideCard();
    const asked = question;
    const image = viewport.viewportToImageCoordinates(point);
    const column = Math.floor(image.x / deepestUnit);
    const row = Math.floor(image.y / deepestUnit);
    if (column < 0 || row < 0 || column >= columns || row >= rows) return;
    try {
      const cell = await credits.cellOf(column, row);
      if (asked !== question) return;
      const place = rectangleOf(cell);
      const onScreen = viewport.viewportToViewerElementRectangle(place).width;
      if (onScreen < minPhotoOnScreen) {
        say('Zoom in, then tap a photo to see whose it is.');
        return;
      }
      viewer.addOverlay({ element: mark, location: place });
      const line = await credits.creditOf(cell);
      if (asked === question) fillCard(line);
    } catch (error) {
      if (asked === question) fillCard(html`<p>${messageOf(error)}</p>`);
    }
  };

  function rectangleOf({ left, top, span }: TileCell): OpenSeadragon.Rect {
    const side = span * deepestUnit;
    return viewport.imageToViewportRectangle(left * deepestUnit, top * deepestUnit, side, side);
  }

  function fillCard(line: Html): void {
    card!.replaceChildren(
      ...elementsOf(html`${line}<button type="button" aria-label="Close">×</button>`),
    );
    card!.querySelector('button')?.addEventListener('click', hideCard);
    card!.hidden = false;
    announce(card!.querySelector('p')?.textContent ?? '');
  }

  let hiding: ReturnType<typeof setTimeout> | undefined;
  function say(words: string): void {
    hint!.textContent = words;
    hint!.hidden = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => (hint!.hidden = true), hintMs);
  }

  viewer.addHandler('canvas-click', ({ quick, position }) => {
    if (quick) void showCard(viewport.pointFromPixel(position));
  });
  viewer.addHandler('canvas-double-click', hideCard);
  viewer.addHandler('canvas-cooperative-gesture', (event) => {
    event.preventDefaultAction = true;
    say(event.message);
  });
  viewer.addHandler('canvas-key', (event) => {
    const { key } = event.originalEvent as KeyboardEvent;
    // Turning and mirroring a picture of people is nothing that anybody looks for here.
    const isTurn = ['r', 'R', 'f', 'F'].includes(key);
    if (isTurn) event.preventDefaultAction = true;
    if (key === 'f' || key === 'F') toggleFullScreen();
    if (key === 'Enter') void showCard(viewport.getCenter());
  });
  frame.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && !card.hidden) hideCard();
  });
  controls.addEventListener('click', ({ target }) => {
    const action = target instanceof HTMLElement ? target.dataset['zoom'] : undefined;
    if (action === 'in') zoomBy(buttonFactor);
    if (action === 'out') zoomBy(1 / buttonFactor);
    if (action === 'fit') goHome();
    if (action === 'screen') toggleFullScreen();
  });
  if (!document.fullscreenEnabled) {
    find(controls, '[data-zoom="screen"]', HTMLElement)?.setAttribute('hidden', '');
  }

  viewer.addHandler('open', () => {
    viewer.canvas.setAttribute('aria-label', stage.getAttribute('aria-label') ?? '');
    const wanted = readAddress(location.hash);
    if (wanted) {
      viewport.zoomTo(wanted.zoom, undefined, true);
      viewport.panTo(new OpenSeadragon.Point(wanted.x, wanted.y), true);
      viewport.applyConstraints(true);
    }
    const item = viewer.world.getItemAt(0);
    const showProgress = (): void => {
      const isLoaded = item.getFullyLoaded();
      frame.setAttribute('aria-busy', String(!isLoaded));
      if (isLoaded) trouble.hidden = true;
    };
    item.addHandler('fully-loaded-change', showProgress);
    showProgress();
  });
  viewer.addHandler('animation-finish', () => {
    const { x, y } = viewport.getCenter();
    const hash = isWhole() ? '' : addressOf({ x, y, zoom: viewport.getZoom() });
    // Replaced, not added: Back leads to the gallery, not through every step of the zoom.
    history.replaceState(history.state, '', location.pathname + location.search + hash);
  });
  viewer.addHandler('tile-load-failed', () => {
    trouble.hidden = false;
  });
  trouble.querySelector('button')?.addEventListener('click', () => {
    trouble.hidden = true;
    viewer.world.getItemAt(0)?.reset();
    viewer.forceRedraw();
  });
}

/**
 * OpenSeadragon adds a style element of its own unless there is one with this mark; the page's security
 * policy forbids inline styles, and the rule in it would hide the focus. An element of that name outside HTML is inert.
 */
function keepStylesOut(): void {
  if (document.querySelector('style[data-openseadragon-mobile-css]')) return;
  const mark = document.createElementNS('urn:mosaicme:none', 'style');
  mark.setAttribute('data-openseadragon-mobile-css', '');
  document.head.append(mark);
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
