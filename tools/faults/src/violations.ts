/** What a scenario led to. */
export interface ScenarioResult {
  readonly name: string;
  readonly faults: number;
  readonly requests: number;
  readonly published: number;
  /** Posts that were answered. */
  readonly answers: number;
  readonly duplicateAnswers: number;
  /** Messages left in any queue, retry queue or dead-letter queue. */
  readonly stuck: number;
  /** Files of killed apps, and work objects of settled requests. */
  readonly temporaryFiles: number;
}

/** What breaks the promise: one mosaic and one answer for each request, and nothing left over. */
export function violationsOf(result: ScenarioResult): string[] {
  const { requests, published, answers, duplicateAnswers, stuck, temporaryFiles, faults } = result;
  return [
    ...(published === requests ? [] : [`${published} of ${requests} requests are published`]),
    ...(answers === requests ? [] : [`${answers} of ${requests} posts are answered`]),
    ...(duplicateAnswers === 0 ? [] : [`${duplicateAnswers} answers were posted twice`]),
    ...(stuck === 0 ? [] : [`${stuck} messages are stuck`]),
    ...(temporaryFiles === 0 ? [] : [`${temporaryFiles} temporary files are left`]),
    ...(faults > 0 ? [] : ['no fault was injected']),
  ];
}
