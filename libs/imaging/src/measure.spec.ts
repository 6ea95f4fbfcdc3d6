import { createMetricsPage } from '@mosaicme/service';
import { measureImaging } from './measure';

it('shows memory and tasks of libvips', async () => {
  const page = createMetricsPage();
  measureImaging(page.forApp('engine'));
  const { body } = await page.render();
  expect(body).toMatch(/^mosaicme_libvips_bytes\{app="engine"\} \d+$/m);
  expect(body).toMatch(/^mosaicme_libvips_tasks\{app="engine",state="queued"\} 0$/m);
  expect(body).toMatch(/^mosaicme_libvips_tasks\{app="engine",state="running"\} 0$/m);
});
