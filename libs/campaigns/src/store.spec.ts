import { defaultBucketNames, objectKeys } from '@mosaicme/contracts';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import { silentLogger } from '@mosaicme/service';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCampaigns } from './directory';
import { listCampaigns, readCampaign, updateCampaign, type CampaignPorts } from './store';

let folder: string;
let store: ObjectStore;
let ports: CampaignPorts;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'campaigns-'));
  store = createFolderStore({ root: folder });
  await store.ensureBucket(defaultBucketNames.in);
  ports = { store, keys: objectKeys(defaultBucketNames), buckets: defaultBucketNames };
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const damage = (slug: string) =>
  store.put(ports.keys.campaign(slug), new TextEncoder().encode('{"slug":"expo","state":"on"}'));

it('always has the campaign of the variables, and it is open', async () => {
  expect(await listCampaigns(ports)).toMatchObject([
    { slug: 'default', campaign: { state: 'open', library: 'shared' } },
  ]);
});

it('stores a new campaign as a draft and changes it', async () => {
  await updateCampaign(ports, 'expo', (draft) => ({ ...draft, title: 'Expo' }));
  await updateCampaign(ports, 'expo', (draft) => ({ ...draft, state: 'open' }));
  expect(await readCampaign(ports, 'expo')).toMatchObject({
    campaign: { title: 'Expo', state: 'open' },
  });
});

it('loses no change of two that are made at the same time', async () => {
  await Promise.all([
    updateCampaign(ports, 'expo', (draft) => ({ ...draft, title: 'Expo' })),
    updateCampaign(ports, 'expo', (draft) => ({ ...draft, moderation: 'approve-first' })),
  ]);
  expect(await readCampaign(ports, 'expo')).toMatchObject({
    campaign: { title: 'Expo', moderation: 'approve-first' },
  });
});

it.each([
  [() => ({ slug: 'expo', style: { cells: 2 } }), 'style.cells'],
  [() => ({ slug: 'other' }), 'keeps its name'],
])('refuses a change that breaks the schema, and stores nothing', async (change, reason) => {
  await expect(updateCampaign(ports, 'expo', change)).rejects.toMatchObject({
    code: 'campaign.invalid',
    message: expect.stringContaining(reason),
  });
  expect(await readCampaign(ports, 'expo')).toBeUndefined();
});

it('finds the other campaigns beside a damaged one', async () => {
  await updateCampaign(ports, 'fair', (draft) => ({ ...draft, state: 'open' }));
  await damage('expo');
  const directory = openCampaigns(ports, { logger: silentLogger });
  expect((await directory.all()).map(({ slug }) => slug)).toEqual(['default', 'fair']);
  await expect(directory.get('expo')).rejects.toMatchObject({
    code: 'campaign.damaged',
    message: expect.stringContaining('state'),
  });
  await expect(directory.get('nowhere')).rejects.toMatchObject({ code: 'campaign.unknown' });
});

it('reads a campaign again only when what it knows is old', async () => {
  let now = 0;
  const directory = openCampaigns(ports, { logger: silentLogger, maxAgeMs: 100, now: () => now });
  await updateCampaign(ports, 'expo', (draft) => ({ ...draft, title: 'Before' }));
  expect((await directory.get('expo')).title).toBe('Before');
  await updateCampaign(ports, 'expo', (draft) => ({ ...draft, title: 'After' }));
  expect((await directory.get('expo')).title).toBe('Before');
  now = 101;
  expect((await directory.get('expo')).title).toBe('After');
});
