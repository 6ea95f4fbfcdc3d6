import { storeCallsIn } from './store-calls';

it('adds up the calls of all operations and outcomes, and nothing else', () => {
  const page = [
    '# TYPE mosaicme_store_seconds histogram',
    'mosaicme_store_seconds_bucket{app="engine",operation="put",outcome="done",le="1"} 9',
    'mosaicme_store_seconds_sum{app="engine",operation="put",outcome="done"} 0.5',
    'mosaicme_store_seconds_count{app="engine",operation="put",outcome="done"} 9',
    'mosaicme_store_seconds_count{app="engine",operation="get",outcome="failed"} 2',
    'mosaicme_handler_seconds_count{app="engine"} 40',
  ].join('\n');
  expect(storeCallsIn(page)).toBe(11);
});
