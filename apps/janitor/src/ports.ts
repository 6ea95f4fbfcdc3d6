import type { BucketNames } from '@mosaicme/contracts';
import type { PipelineContext } from '@mosaicme/pipeline';

/** What the parts of the janitor work with. */
export interface JanitorPorts extends Pick<PipelineContext, 'app' | 'store' | 'keys' | 'logger'> {
  readonly messaging: Pick<PipelineContext['messaging'], 'publish'>;
  readonly buckets: BucketNames;
}
