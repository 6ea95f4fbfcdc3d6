import type { Standing } from './decisions';

/** Who has to approve before something becomes public. */
export const moderationModes = ['open', 'approve-first'] as const;
export type ModerationMode = (typeof moderationModes)[number];

export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly because: 'held' | 'rejected' | 'withdrawn' };

/** What the gate knows of an item. */
export interface GateFacts {
  readonly standing: Standing;
  /** What was decided about its author. */
  readonly author: Standing;
  readonly moderation: ModerationMode;
}

/**
 * The gate before everything that becomes public. A decision about the item outweighs one about its
 * author, so a moderator can approve one photo of an author who is held; a withdrawal is final.
 */
function verdict({ standing, author, moderation }: GateFacts): Verdict {
  const refuse = (because: 'held' | 'rejected' | 'withdrawn'): Verdict => ({
    allowed: false,
    because,
  });
  if (standing === 'withdrawn' || author === 'withdrawn') return refuse('withdrawn');
  if (standing === 'rejected') return refuse('rejected');
  if (standing === 'held') return refuse('held');
  if (standing === 'approved') return { allowed: true };
  if (author === 'rejected') return refuse('rejected');
  if (author === 'held') return refuse('held');
  if (moderation === 'approve-first' && author !== 'approved') return refuse('held');
  return { allowed: true };
}

/** May this mosaic be shown? */
export const mayPublish = (facts: GateFacts): Verdict => verdict(facts);

/** May this photo stand in mosaics? */
export const mayUseTile = (facts: GateFacts): Verdict => verdict(facts);

/** May its post be answered? Only what is shown is answered, so the rules are the same. */
export const mayAnswer = (facts: GateFacts): Verdict => verdict(facts);

/** May this photo be taken at all? What was withdrawn, and what its author withdrew, may not. */
export const mayIngest = ({ standing, author }: Omit<GateFacts, 'moderation'>): Verdict =>
  standing === 'withdrawn' || author === 'withdrawn'
    ? { allowed: false, because: 'withdrawn' }
    : { allowed: true };
