import { z } from 'zod';

/** Name of a campaign in keys and addresses. */
export const campaignSlugSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'expected 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end',
  );

/** The campaign that the variables of the deployment guide describe. */
export const defaultCampaign = 'default';
