/** What became of one kind of file in each way in: 'used', or the reason. */
export interface InputRow {
  readonly name: string;
  readonly file: string;
  readonly make: string;
  readonly index: string;
  readonly pipeline: string;
}

/** docs/inputs.md. */
export function inputsDocument(rows: readonly InputRow[]): string {
  const used = ({ make, index, pipeline }: InputRow) =>
    [make, index, pipeline].filter((what) => what === 'used').length;
  const everywhere = rows.filter((row) => used(row) === 3).length;
  const nowhere = rows.filter((row) => used(row) === 0).length;
  return `${introduction}
Of ${rows.length} kinds, ${everywhere} are used everywhere, ${rows.length - everywhere - nowhere} in a folder of one's own only, and ${nowhere} nowhere.

| kind | file | \`make PHOTO\` | \`index FOLDER\` | posted (pipeline) |
| --- | --- | --- | --- | --- |
${rows.map(rowOf).join('\n')}

## Why not

${reasonsOf(rows)}
`;
}

const introduction = `# Inputs

<!-- Written by apps/e2e/src/inputs.e2e.spec.ts: build, then run it with UPDATE_DOCUMENTS=1. -->

What a photo is, is told by its bytes; its name and its ending say nothing. JPEG, PNG, WebP, GIF, AVIF and
HEIC are decoded, each of them to the first picture in it, upright, in sRGB, with transparency on a ground
that sets it off (\`--background\`, \`IMAGE_BACKGROUND\`). Gain maps are left out: the photo is shown as on a
screen without HDR.

## Limits

| limit | strangers' photos | folder of one's own, photo to rebuild |
| --- | --- | --- |
| bytes | \`MEDIA_MAX_BYTES\`, 25 MB | 1 GB |
| pixels decoded at full size | \`IMAGE_MAX_PIXELS\`, 52 million | \`--max-megapixels\`, 52 |
| shorter side | \`IMAGE_MIN_SIDE\`, 32 px | \`--min-side\`, 8 px; small pictures are enlarged |
| time | \`IMAGE_MAX_SECONDS\`, 20 s | 60 s |
| memory of a decoder | 1.2 GB | 1.2 GB while indexing |

The limit on pixels stands for memory, eight bytes each. A baseline JPEG is reduced while it is read, so it
may have eight times as many: a phone's 200 megapixels took 0.4 to 0.7 s and 90 MB as a tile, 1.7 to 2.2 s
and 217 MB as the photo to rebuild. A progressive one is held whole, by its subsampling at two to six bytes a
pixel: 87 to 138 megapixels pass (200 megapixels would take 660 to 760 MB). AVIF may have 26 megapixels,
everything else 52; for a HEIC of 12 megapixels the decoder took 140 MB. Frames of an animation are not
counted, since one is used.

A file that lacks its end is used as viewers show it, when at most a tenth of the picture is missing.

In a folder, hidden files are left out. Links are followed, each file is used once however many links lead to
it, and a link that leads back to a folder around it is named and not followed. A file that is named below
costs nothing but itself: photos of a folder and strangers' photos are decoded in processes of their own,
which are killed at the deadline (docs/adr/0010-decoders-are-processes.md).

## Tried

Every file here is made by the test that writes this table, and tried in each way in.
`;

const rowOf = ({ name, file, make, index, pipeline }: InputRow): string =>
  `| ${name} | \`${file}\` | ${mark(make)} | ${mark(index)} | ${mark(pipeline)} |`;

const mark = (what: string): string => (what === 'used' ? 'used' : 'refused');

function reasonsOf(rows: readonly InputRow[]): string {
  return rows
    .filter((row) => row.pipeline !== 'used')
    .map(({ name, index, pipeline }) =>
      index === 'used'
        ? `- ${name}, posted: ${pipeline}`
        : `- ${name}\n  - in a folder: ${index}\n  - posted: ${pipeline}`,
    )
    .join('\n');
}
