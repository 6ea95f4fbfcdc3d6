import { defaultBucketNames, objectKeys } from '@mosaicme/contracts';
import { createFolderStore, type ObjectStore } from '@mosaicme/object-store';
import type { CampaignPorts } from '@mosaicme/campaigns';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  closeCampaign,
  openCampaign,
  replaceCampaign,
  setCampaign,
  showCampaign,
  showCampaigns,
} from './campaigns';

let folder: string;
let store: ObjectStore;
let ports: CampaignPorts;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mosaicme-'));
  store = createFolderStore({ root: folder });
  await store.ensureBucket(defaultBucketNames.in);
  ports = { store, keys: objectKeys(defaultBucketNames), buckets: defaultBucketNames };
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const shown = async (slug: string) => JSON.parse(await showCampaign(ports, slug)) as object;

it('sets fields by name, also those that lie in others', async () => {
  await setCampaign(ports, 'expo', [
    'title=Expo 2026',
    'hashtags.x.requests=#wall, expo',
    'style.cells=48',
    'style.mirror=true',
    'moderation=approve-first',
  ]);
  expect(await shown('expo')).toMatchObject({
    title: 'Expo 2026',
    state: 'draft',
    hashtags: { x: { requests: ['wall', 'expo'], tiles: [] } },
    style: { cells: 48, mirror: true },
    moderation: 'approve-first',
  });
});

it('removes a field by an empty value, and leaves the others', async () => {
  await setCampaign(ports, 'expo', ['title=Expo', 'style.cells=48']);
  await setCampaign(ports, 'expo', ['style.cells=']);
  expect(await shown('expo')).toMatchObject({ title: 'Expo', style: {} });
});

it.each([
  ['cells=48', 'campaign.bad-setting', 'FIELD=VALUE'],
  ['title', 'campaign.bad-setting', 'FIELD=VALUE'],
  ['style.cells=2', 'campaign.invalid', 'style.cells'],
  ['style.colour=2', 'campaign.invalid', 'style'],
  ['slug=other', 'campaign.invalid', 'keeps its name'],
])('refuses %s and says where it is wrong', async (setting, code, reason) => {
  await expect(setCampaign(ports, 'expo', [setting])).rejects.toMatchObject({
    code,
    message: expect.stringContaining(reason),
  });
});

it('opens and closes, now or later', async () => {
  await setCampaign(ports, 'expo', ['title=Expo']);
  await openCampaign(ports, 'expo', undefined);
  expect(await shown('expo')).toMatchObject({ stateNow: 'open' });
  await closeCampaign(ports, 'expo', undefined);
  expect(await shown('expo')).toMatchObject({ stateNow: 'closed' });
  await openCampaign(ports, 'expo', '2100-01-01T09:00:00+01:00');
  expect(await shown('expo')).toMatchObject({ stateNow: 'scheduled' });
  await openCampaign(ports, 'expo', undefined);
  await closeCampaign(ports, 'expo', '2100-01-02T09:00:00Z');
  expect(await shown('expo')).toMatchObject({
    stateNow: 'open',
    closesAt: '2100-01-02T09:00:00Z',
  });
});

it('takes a whole record, or says what is wrong with it', async () => {
  await replaceCampaign(ports, 'expo', '{"slug":"expo","state":"open","library":"own"}');
  expect(await shown('expo')).toMatchObject({ state: 'open', library: 'own' });
  await expect(replaceCampaign(ports, 'expo', '{')).rejects.toThrow('no JSON');
});

it('lists all, also a damaged one with what is wrong', async () => {
  await setCampaign(ports, 'expo', ['title=Expo', 'hashtags.x.tiles=clouds']);
  await store.put(ports.keys.campaign('fair'), new TextEncoder().encode('{"slug":"fair","x":1}'));
  const lines = (await showCampaigns(ports, { json: false })).split('\n');
  expect(lines.map((line) => line.replaceAll(/ +/g, ' ').trim())).toEqual([
    'CAMPAIGN STATE TITLE HASHTAGS LIBRARY',
    'default open shared',
    'expo draft Expo x:#clouds (tiles) shared',
    expect.stringMatching(/^fair damaged .*Unrecognized key/s),
  ]);
});

it.each([
  ['show', (slug: string) => showCampaign(ports, slug)],
  ['open', (slug: string) => openCampaign(ports, slug, undefined)],
  ['close', (slug: string) => closeCampaign(ports, slug, undefined)],
])('%s says so of an unknown campaign', async (_name, act) => {
  await expect(act('nowhere')).rejects.toMatchObject({ code: 'campaign.unknown' });
});
