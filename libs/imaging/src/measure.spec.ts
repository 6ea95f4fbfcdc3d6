import { createMetricsPage } from '@mosaicme/service';
import { measureImaging } from './measure';

it('shows memory and tasks of libvips', async () => {
  const page = createMetricsPage();
  measureImaging(page.forApp('engine'));
  const { body } = await page.render();
  // libvips counts for the whole process: a decoder of another test may still run.
  expect(body).toMatch(/^mosaicme_libvips_bytes\{app="engine"\} \d+$/m);
  expect(body).toMatch(/^mosaicme_libvips_tasks\{app="engine",state="queued"\} \d+$/m);
  expect(body).toMatch(/^mosaicme_libvips_tasks\{app="engine",state="running"\} \d+$/m);
});
