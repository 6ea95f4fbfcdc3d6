import { PermanentError } from '@mosaicme/errors';
import { assertConditionalWrites } from './conditional-writes';
import { PreconditionFailed, type ObjectStore, type PutOptions } from './port';

/** A server that keeps one object and decides by itself which conditional writes it takes. */
function serverThat(react: (only: NonNullable<PutOptions['only']>) => void) {
  const deleted: string[] = [];
  const store: Pick<ObjectStore, 'put' | 'delete'> = {
    put: async (_ref, _body, options) => {
      if (options?.only) react(options.only);
      return { etag: 'e' };
    },
    delete: async (ref) => {
      deleted.push(ref.key);
    },
  };
  return { store: store as ObjectStore, deleted };
}

const ref = { bucket: 'b', key: 'k' };

it('accepts a server that refuses both writes', async () => {
  const { store, deleted } = serverThat(() => {
    throw new PreconditionFailed(ref);
  });
  await expect(assertConditionalWrites(store, 'photos')).resolves.toBeUndefined();
  expect(deleted).toHaveLength(1);
});

it.each([
  ['ignores If-None-Match', 'absent', 'If-None-Match'],
  ['ignores If-Match', 'etag', 'If-Match'],
])('refuses a server that %s', async (_, ignored, header) => {
  const { store, deleted } = serverThat((only) => {
    if (!(ignored in only)) throw new PreconditionFailed(ref);
  });
  await expect(assertConditionalWrites(store, 'photos')).rejects.toMatchObject({
    code: 'object-store.no-conditional-writes',
    message: expect.stringMatching(new RegExp(`'photos'.*'${header}`)),
  });
  expect(deleted).toHaveLength(1);
});

it('refuses a server that does not know the header', async () => {
  const { store } = serverThat(() => {
    throw new PermanentError('object-store.refused', 'NotImplemented');
  });
  await expect(assertConditionalWrites(store, 'photos')).rejects.toMatchObject({
    code: 'object-store.no-conditional-writes',
  });
});

it('passes other failures on', async () => {
  const { store } = serverThat(() => {
    throw new Error('the network is away');
  });
  await expect(assertConditionalWrites(store, 'photos')).rejects.toThrow('the network is away');
});
