import { z } from 'zod';

/**
 * What people and networks decide about a photo. `hold`: not public until approved. `approve`, `reject`:
 * each takes the place of what was decided before. `withdraw`: final; the photo is deleted everywhere
 * and nothing brings it back.
 */
export const decisionVerbs = ['hold', 'approve', 'reject', 'withdraw'] as const;

export const decisionSchema = z.looseObject({
  verb: z.enum(decisionVerbs),
  /** Who: a person's name, or the app that acted for a network. */
  by: z.string().min(1).max(256),
  at: z.iso.datetime(),
  why: z.string().max(1_000).optional(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** What holds after a series of decisions. */
export type Standing = 'undecided' | 'held' | 'approved' | 'rejected' | 'withdrawn';

const standingAfter = {
  hold: 'held',
  approve: 'approved',
  reject: 'rejected',
  withdraw: 'withdrawn',
} as const satisfies Record<Decision['verb'], Standing>;

/** What holds after these decisions, oldest first: the last one, but a withdrawal is final. */
export function standingOf(decisions: readonly Pick<Decision, 'verb'>[]): Standing {
  if (decisions.some(({ verb }) => verb === 'withdraw')) return 'withdrawn';
  const last = decisions.at(-1);
  return last ? standingAfter[last.verb] : 'undecided';
}
