import { libraryNames, libraryStore } from './libraries';
import { bucket, temporaryStore } from './testing/stores';

it('names the libraries that campaigns have of their own, each once', async () => {
  const { store, remove } = await temporaryStore();
  expect(await libraryNames(store, bucket)).toEqual([]);
  for (const name of ['default', 'summer', 'summer-2', 'winter']) {
    for (const key of ['manifest.json', 'packs/a', 'packs/b']) {
      await libraryStore(store, bucket, name).put({ bucket, key }, new Uint8Array([1]));
    }
  }
  expect((await libraryNames(store, bucket)).sort()).toEqual(['summer', 'summer-2', 'winter']);
  await remove();
});
