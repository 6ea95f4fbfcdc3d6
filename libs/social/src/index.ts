/** Social networks behind one port, and the safe download of what they link to. */
export * from './port';
export { answerText, checkAnswerTemplate } from './answer-text';
export { downloadMedia, type DownloadedMedia, type DownloadOptions } from './media/download';
export { isPublicAddress } from './media/public-address';
export { createXNetwork, type XCredentials, type XNetworkOptions } from './x/network';
export { defaultXTimings, type XTimings } from './x/timings';
export { weightedLength } from './weighted-length';
