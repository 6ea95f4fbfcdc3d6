/** Social networks behind one port, and the safe download of what they link to. */
export * from './port';
export { answerText, checkAnswerTemplate } from './answer-text';
export { downloadMedia, type DownloadedMedia, type DownloadOptions } from './media/download';
export { isPublicAddress } from './media/public-address';
export { networksOf, openNetworks, type Networks, type NetworksConfig } from './open';
export { hashtagsOf, mentionsOf, sameName, sameTag } from './x/entities';
export { weightedLength } from './x/weighted-length';
