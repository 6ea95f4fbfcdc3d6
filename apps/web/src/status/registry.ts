import type { EventData } from '@mosaicme/contracts';

export type Heartbeat = EventData<'service.heartbeat.v1'>;

/** An instance of an app, as the status page tells it. */
export interface InstanceStatus {
  readonly app: string;
  readonly instance: string;
  readonly version: string;
  /** `lost`: three heartbeats in a row did not come. `stopped`: it said that it stops, then went silent. */
  readonly state: Heartbeat['state'] | 'lost' | 'stopped';
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly lastHeartbeatSecondsAgo: number;
}

interface Sighting {
  readonly heartbeat: Heartbeat;
  /** Milliseconds, this process's clock: the sender's clock may be wrong. */
  readonly seenAt: number;
}

const missedUntilLost = 3;
const forgetAfterSeconds = 3_600;
const maxInstances = 1_000;

/**
 * Knows every instance whose heartbeat was heard. Lost instances are forgotten after an hour, and
 * beyond a thousand instances the one that was silent for longest.
 * Times are milliseconds since the epoch, given by the caller.
 */
export class HeartbeatRegistry {
  private readonly sightings = new Map<string, Sighting>();

  /** Notes a heartbeat that was heard at `now`. */
  observe(heartbeat: Heartbeat, now: number): void {
    const key = JSON.stringify([heartbeat.app, heartbeat.instance]);
    // Set anew, so that the map stays in the order of the last sighting.
    this.sightings.delete(key);
    this.sightings.set(key, { heartbeat, seenAt: now });
    const [oldest] = this.sightings.keys();
    if (this.sightings.size > maxInstances && oldest !== undefined) this.sightings.delete(oldest);
  }

  /** All known instances at `now`, by app, then by instance. */
  snapshot(now: number): InstanceStatus[] {
    for (const [key, { seenAt }] of this.sightings) {
      if (now - seenAt > forgetAfterSeconds * 1_000) this.sightings.delete(key);
    }
    return [...this.sightings.values()]
      .map((sighting) => statusOf(sighting, now))
      .sort((a, b) => compare(a.app, b.app) || compare(a.instance, b.instance));
  }
}

function statusOf({ heartbeat, seenAt }: Sighting, now: number): InstanceStatus {
  const silentSeconds = Math.max(0, (now - seenAt) / 1_000);
  const isSilent = silentSeconds > missedUntilLost * heartbeat.intervalSeconds;
  const state = !isSilent ? heartbeat.state : heartbeat.state === 'stopping' ? 'stopped' : 'lost';
  return {
    app: heartbeat.app,
    instance: heartbeat.instance,
    version: heartbeat.version,
    state,
    startedAt: heartbeat.startedAt,
    uptimeSeconds: Math.floor(heartbeat.uptimeSeconds + (isSilent ? 0 : silentSeconds)),
    lastHeartbeatSecondsAgo: Math.floor(silentSeconds),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
