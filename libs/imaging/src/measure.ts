import type { Metrics } from '@mosaicme/service';
import sharp from 'sharp';
import './decode';

/** Shows what libvips holds and does: its memory is outside the heap, where Node's own numbers miss it. */
export function measureImaging(metrics: Metrics): void {
  metrics.gauge('mosaicme_libvips_bytes', {}, () => sharp.cache().memory.current * mebibyte);
  metrics.gauge('mosaicme_libvips_tasks', { state: 'queued' }, () => sharp.counters().queue);
  metrics.gauge('mosaicme_libvips_tasks', { state: 'running' }, () => sharp.counters().process);
}

/** The unit in which libvips tells its memory. */
const mebibyte = 2 ** 20;
